// `Migrate`: bring one allocation to the device or to the host.

extension ControlMethod {
  static let migrate = deferred(
    ControlInterface.name + ".Migrate", takes: MigrationOrder.self
  ) { (order: MigrationOrder, context, finish: @escaping Completion<MigrationReport>) in
    context.source.migrate(order, completion: finish)
  }
}
