// `PlanOffline`: what taking blocks offline would do. Nothing is done.

package struct OfflinePlansAnswer: Codable, Equatable, Sendable {
  package var plans: [OfflinePlanReport]
}

extension ControlMethod {
  static let planOffline = immediate(
    ControlInterface.name + ".PlanOffline", takes: OfflineOrder.self
  ) { (order, context) throws(CallFailure) in
    do throws(ControlError) {
      return OfflinePlansAnswer(plans: try context.source.planOffline(order))
    } catch {
      throw .control(error)
    }
  }
}
