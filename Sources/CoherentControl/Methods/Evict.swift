// `Evict`: move data from the device to the host stores, as much as the order says.

extension ControlMethod {
  static let evict = deferred(
    ControlInterface.name + ".Evict", takes: EvictionOrder.self
  ) { (order: EvictionOrder, context, finish: @escaping Completion<EvictionReport>) in
    context.source.evict(order, completion: finish)
  }
}
