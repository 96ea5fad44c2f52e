// Why an administrator's call failed, by name. Each case is one `error` of the interface; its
// payload is the error's parameters. A caller tests the name, people read the text.
import CoherentWire

package enum ControlError: Error, Equatable, Sendable {
  case notPermitted(PermissionDetail)
  case noSuchSession(SubjectDetail)
  case noSuchAllocation(SubjectDetail)
  case invalidRange(MessageDetail)
  case outOfDeviceMemory(MemoryDetail)
  case outOfHostMemory(MemoryDetail)
  case timedOut(HolderDetail)
  case refused(MessageDetail)
  case noSuchBlock(BlockDetail)
  case wrongBlockState(BlockStateDetail)
}

extension ControlError {
  /// Who asked, and which group would have been enough (nil: root and the daemon's user only).
  package struct PermissionDetail: Codable, Equatable, Sendable {
    package var user: UInt32
    package var group: String?
    package init(user: UInt32, group: String?) {
      self.user = user
      self.group = group
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case user = "uid"
      case group
    }
  }

  /// What was not found.
  package struct SubjectDetail: Codable, Equatable, Sendable {
    package var session: SessionID?
    package var allocation: HandleID?
    package var process: Int32?
    package init(session: SessionID? = nil, allocation: HandleID? = nil, process: Int32? = nil) {
      self.session = session
      self.allocation = allocation
      self.process = process
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case session
      case allocation
      case process = "pid"
    }
  }

  /// What was asked, what there was, and who pins most of it, if anybody does.
  package struct MemoryDetail: Codable, Equatable, Sendable {
    package var askedBytes: UInt64 = 0
    package var availableBytes: UInt64 = 0
    package var pinnedBytes: UInt64 = 0
    package var limitBytes: UInt64 = 0
    package var holderProcess: Int32?
    package var holderSession: SessionID?
    package init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
      case askedBytes = "asked_bytes"
      case availableBytes = "available_bytes"
      case pinnedBytes = "pinned_bytes"
      case limitBytes = "limit_bytes"
      case holderProcess = "holder_pid"
      case holderSession = "holder_session"
    }
  }

  /// Who stood in the way, if somebody did; and what was done until then (`Evict`).
  package struct HolderDetail: Codable, Equatable, Sendable {
    package var holderProcess: Int32?
    package var holderSession: SessionID?
    package var evictedFrames: UInt64?
    package init(
      holderProcess: Int32? = nil, holderSession: SessionID? = nil, evictedFrames: UInt64? = nil
    ) {
      self.holderProcess = holderProcess
      self.holderSession = holderSession
      self.evictedFrames = evictedFrames
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case holderProcess = "holder_pid"
      case holderSession = "holder_session"
      case evictedFrames = "evicted_frames"
    }
  }

  /// A reason by name, and a sentence for people.
  package struct MessageDetail: Codable, Equatable, Sendable {
    package var reason: String
    package var message: String
    package init(reason: String, message: String) {
      self.reason = reason
      self.message = message
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case reason, message }
  }

  /// The block that was not found.
  package struct BlockDetail: Codable, Equatable, Sendable {
    package var block: Int
    package init(block: Int) { self.block = block }

    enum CodingKeys: String, CodingKey, CaseIterable { case block }
  }

  /// The block that is in a state which does not allow the order, and why in a sentence.
  package struct BlockStateDetail: Codable, Equatable, Sendable {
    package var block: Int
    package var state: BlockState
    package var message: String
    package init(block: Int, state: BlockState, message: String) {
      self.block = block
      self.state = state
      self.message = message
    }

    enum CodingKeys: String, CodingKey, CaseIterable { case block, state, message }
  }
}
