// The history's words: for programs, so that none is ever renamed.

import CoherentCore

extension HistoryText {
  package static func word(_ cause: Cause) -> String {
    switch cause {
    case .unknown: "unknown"
    case .pressure: "pressure"
    case .allocation: "allocation"
    case .administrator: "administrator"
    case .migration: "migration"
    case .longTermPin: "long-term-pin"
    case .blockOffline: "block-offline"
    case .access: "access"
    case .pin: "pin"
    case .advice: "advice"
    case .promotion: "promotion"
    case .stopping: "stopping"
    case .lease: "lease"
    case .limit: "limit"
    case .deviceFull: "device-full"
    case .hostFull: "host-full"
    case .timedOut: "timed-out"
    case .notMigratable: "not-migratable"
    case .notPermitted: "not-permitted"
    case .invalidRequest: "invalid-request"
    case .began: "began"
    case .ended: "ended"
    case .recovery: "recovery"
    }
  }

  package static func word(_ state: BlockState) -> String {
    switch state {
    case .absent: "removed"
    case .offline: "offline"
    case .online: "online"
    case .goingOffline: "going-offline"
    }
  }
}
