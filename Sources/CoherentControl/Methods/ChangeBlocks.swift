// `AddBlocks`, `OnlineBlocks`, `OfflineBlocks` and `RemoveBlocks`: memory comes and goes while
// clients work.

extension ControlMethod {
  static let addBlocks = deferred(
    ControlInterface.name + ".AddBlocks", takes: AddBlocksOrder.self
  ) { (order: AddBlocksOrder, context, finish: @escaping Completion<BlockChangeReport>) in
    context.source.addBlocks(order, completion: finish)
  }

  static let onlineBlocks = deferred(
    ControlInterface.name + ".OnlineBlocks", takes: BlocksOrder.self
  ) { (order: BlocksOrder, context, finish: @escaping Completion<BlockChangeReport>) in
    context.source.onlineBlocks(order, completion: finish)
  }

  static let offlineBlocks = deferred(
    ControlInterface.name + ".OfflineBlocks", takes: OfflineOrder.self
  ) { (order: OfflineOrder, context, finish: @escaping Completion<BlockChangeReport>) in
    context.source.offlineBlocks(order, completion: finish)
  }

  static let removeBlocks = deferred(
    ControlInterface.name + ".RemoveBlocks", takes: BlocksOrder.self
  ) { (order: BlocksOrder, context, finish: @escaping Completion<BlockChangeReport>) in
    context.source.removeBlocks(order, completion: finish)
  }
}
