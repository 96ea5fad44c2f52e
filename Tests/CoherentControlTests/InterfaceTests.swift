// The interface's text and the program say the same: methods, parameters, errors and types. Nothing
// is ever served that the text does not describe, and nothing described that is not served.

import CoherentWire
import Testing

@testable import CoherentControl

@Suite struct InterfaceTests {
  private static func keys<Key: CodingKey & CaseIterable>(_: Key.Type) -> [String] {
    Key.allCases.map(\.stringValue)
  }

  @Test func typesHaveExactlyTheKeysOfTheModels() throws {
    let text = try InterfaceText(ControlInterface.description)
    #expect(text.name == ControlInterface.name)
    for (name, keys) in [
      ("Status", Self.keys(StatusReport.CodingKeys.self)),
      ("Session", Self.keys(SessionReport.CodingKeys.self)),
      ("Allocation", Self.keys(AllocationReport.CodingKeys.self)),
      ("Pin", Self.keys(PinReport.CodingKeys.self)),
      ("Waiter", Self.keys(PinWaiterReport.CodingKeys.self)),
      ("Holder", Self.keys(PinHolderReport.CodingKeys.self)),
      ("Block", Self.keys(BlockReport.CodingKeys.self)),
      ("OfflinePlan", Self.keys(OfflinePlanReport.CodingKeys.self)),
      ("MapRun", Self.keys(MapRunReport.CodingKeys.self)),
      ("Stall", Self.keys(StallReport.CodingKeys.self)),
      ("Event", Self.keys(EventReport.CodingKeys.self)),
      ("Reason", Self.keys(PlaceReason.CodingKeys.self)),
      ("Why", Self.keys(AllocationExplanation.CodingKeys.self)),
    ] {
      guard case .structure(let fields)? = text.types[name] else {
        Issue.record("no structure \(name)")
        continue
      }
      #expect(fields.map(\.name) == keys)
    }
    #expect(text.types["Target"] == .choice(MigrationTarget.allCases.map(\.word)))
    #expect(text.types.count == 14)
  }

  @Test func methodsHaveExactlyTheParametersOfTheModels() throws {
    let text = try InterfaceText(ControlInterface.description)
    let blocks = Self.keys(BlocksOrder.CodingKeys.self)
    let offline = Self.keys(OfflineOrder.CodingKeys.self)
    let change = Self.keys(BlockChangeReport.CodingKeys.self)
    let expected: [String: ([String], [String])] = [
      "ListBlocks": ([], ["blocks"]),
      "CheckBlocks": ([], Self.keys(BlockCheckReport.CodingKeys.self)),
      "AddBlocks": (Self.keys(AddBlocksOrder.CodingKeys.self), change),
      "OnlineBlocks": (blocks, change), "RemoveBlocks": (blocks, change),
      "OfflineBlocks": (offline, change), "PlanOffline": (offline, ["plans"]),
      "GetMap": ([], Self.keys(MapAnswer.CodingKeys.self)),
      "GetPressure": ([], Self.keys(PressureReport.CodingKeys.self)),
      "FollowEvents": (
        Self.keys(EventsQuery.CodingKeys.self), Self.keys(EventsAnswer.CodingKeys.self)
      ),
      "Explain": (Self.keys(WhyQuery.CodingKeys.self), Self.keys(WhyReport.CodingKeys.self)),
      "GetStatus": ([], ["status"]),
      "ListSessions": ([], ["sessions"]),
      "ListAllocations": (Self.keys(AllocationsQuery.CodingKeys.self), ["allocations"]),
      "ListPins": (Self.keys(PinsQuery.CodingKeys.self), ["pins"]),
      "Evict": (
        Self.keys(EvictionOrder.CodingKeys.self), Self.keys(EvictionReport.CodingKeys.self)
      ),
      "Reload": ([], Self.keys(ReloadReport.CodingKeys.self)),
      "Migrate": (
        Self.keys(MigrationOrder.CodingKeys.self), Self.keys(MigrationReport.CodingKeys.self)
      ),
    ]
    #expect(Set(text.methods.keys) == Set(expected.keys))
    for (name, method) in text.methods {
      #expect(method.input.map(\.name) == expected[name]?.0)
      #expect(method.output.map(\.name) == expected[name]?.1)
    }
  }

  @Test func errorsHaveExactlyTheParametersOfTheModels() throws {
    let text = try InterfaceText(ControlInterface.description)
    let subject = Self.keys(ControlError.SubjectDetail.CodingKeys.self)
    let memory = Self.keys(ControlError.MemoryDetail.CodingKeys.self)
    let message = Self.keys(ControlError.MessageDetail.CodingKeys.self)
    let expected = [
      "NotPermitted": Self.keys(ControlError.PermissionDetail.CodingKeys.self),
      "NoSuchSession": subject, "NoSuchAllocation": subject, "InvalidRange": message,
      "OutOfDeviceMemory": memory, "OutOfHostMemory": memory, "Refused": message,
      "TimedOut": Self.keys(ControlError.HolderDetail.CodingKeys.self),
      "NoSuchBlock": Self.keys(ControlError.BlockDetail.CodingKeys.self),
      "WrongBlockState": Self.keys(ControlError.BlockStateDetail.CodingKeys.self),
    ]
    #expect(text.errors.mapValues { $0.map(\.name) } == expected)
  }

  @Test func everyMethodOfTheTextIsServedAndTheReverse() throws {
    var described: Set<String> = []
    for interface in ControlMethod.interfaces {
      let text = try InterfaceText(interface.description)
      #expect(text.name == interface.name)
      described.formUnion(text.methods.keys.map { "\(text.name).\($0)" })
    }
    #expect(Set(ControlMethod.all.map(\.name)) == described)
    #expect(ControlMethod.all.count == described.count)
  }

  @Test func whatTheServerSendsHasTheTypesOfTheText() throws {
    let text = try InterfaceText(ControlInterface.description)
    let source = SampleSource()
    try check(source.status(), text, "Status")
    for number: UInt64 in [1, 2] { try check(source.session(number), text, "Session") }
    try check(source.allocation(1), text, "Allocation")
    for number: UInt64 in [1, 2] { try check(source.pin(number), text, "Pin") }
    for waiter in source.pin(1).waiters { try check(waiter, text, "Waiter") }
    try check(
      PinHolderReport(session: SessionID(rawValue: 1), process: 2, frames: 3), text, "Holder")
    for number in [1, 2] {
      try check(source.block(number), text, "Block")
      try check(source.plan(number), text, "OfflinePlan")
      try check(source.run(UInt64(number)), text, "MapRun")
      try check(source.event(UInt64(number)), text, "Event")
      try check(source.explanation(UInt64(number)), text, "Why")
    }
    try check(source.pressure().some, text, "Stall")
    try check(source.explanation(1).reasons[0], text, "Reason")
  }

  @Test func everyTypeThatTheTextUsesIsThere() throws {
    for interface in ControlMethod.interfaces {
      let text = try InterfaceText(interface.description)
      let fields =
        text.methods.values.flatMap { $0.input + $0.output } + text.errors.values.joined()
      for field in fields { #expect(isKnown(field.kind, text)) }
    }
  }

  private func isKnown(_ kind: InterfaceText.Kind, _ text: InterfaceText) -> Bool {
    switch kind {
    case .word(let word):
      ["int", "string", "bool", "float"].contains(word) || text.types[word] != nil
    case .array(let inner), .optional(let inner): isKnown(inner, text)
    case .structure(let fields): fields.allSatisfy { isKnown($0.kind, text) }
    case .choice: true
    }
  }

  /// A member of an object, as far as the text's types tell them apart.
  private enum Member: Decodable {
    case int, float, bool, string, null, array

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if (try? container.decode(Bool.self)) != nil {
        self = .bool
      } else if (try? container.decode(UInt64.self)) != nil {
        self = .int
      } else if (try? container.decode(Double.self)) != nil {
        self = .float
      } else if (try? decoder.unkeyedContainer()) != nil {
        self = .array
      } else {
        _ = try container.decode(String.self)
        self = .string
      }
    }
  }

  private func check(_ value: some Encodable, _ text: InterfaceText, _ type: String) throws {
    guard case .structure(let fields)? = text.types[type] else {
      Issue.record("no structure \(type)")
      return
    }
    let members = try JSONCoding.decode([String: Member].self, from: JSONCoding.encode(value))
    #expect(Set(members.keys) == Set(fields.map(\.name)))
    for field in fields {
      switch (field.kind, members[field.name]) {
      case (.word("int"), .int), (.word("string"), .string), (.word("bool"), .bool),
        (.optional(.word("string")), .string), (.optional(.word("string")), .null),
        (.optional(.word("int")), .int), (.optional(.word("int")), .null), (.array, .array),
        (.word("float"), .float):
        break
      case let pair: Issue.record("\(type).\(field.name): \(pair)")
      }
    }
  }
}
