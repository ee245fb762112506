import MemoryLedger
import Networks

/// Adds to the actions of a schedule those by which derived parameters come and go.
///
/// A parameter is derived before the action that reads it and given back behind the last one, or behind
/// each. Its gradient begins with the first backward pass of a node that names it; behind the last one it
/// is propagated to the stored parameters.
struct ParameterDerivation {
  /// Where one derived parameter is used: indices of actions.
  private struct Uses {
    var all: [Int] = []
    var backward: [Int] = []
  }

  private let network: Network
  private let actions: [Action]
  private let uses: [Uses]
  private let keepsValues: Bool

  init(_ network: Network, actions: [Action], keepsValues: Bool) {
    self.network = network
    self.actions = actions
    self.keepsValues = keepsValues
    var uses = [Uses](repeating: Uses(), count: network.parameterTable.derived.count)
    for (index, action) in actions.enumerated() {
      for deed in action.deeds {
        for parameter in network.derivedParameters(readBy: deed)
        where uses[parameter].all.last != index {
          uses[parameter].all.append(index)
          if case .backward = deed, network.parameterTable.isTrained(.derived(parameter)) {
            uses[parameter].backward.append(index)
          }
        }
      }
    }
    self.uses = uses
  }

  /// The actions, with those for derived parameters between them.
  func allActions() -> [Action] {
    guard !uses.isEmpty else { return actions }
    var before = [[Action]](repeating: [], count: actions.count)
    var behind = before
    var begun = [[Action.Creation]](repeating: [], count: actions.count)
    for (parameter, uses) in uses.enumerated() {
      guard let first = uses.all.first, let last = uses.all.last else { continue }
      let entry = network.parameterTable.derived[parameter]
      let scratch = entry.transform.scratchByteCount(of: entry.description)
      let value = Item.derived(entry.node, parameter)
      let gradient = Item.derivedGradient(entry.node, parameter)
      for (start, end) in keepsValues ? [(first, last)] : uses.all.map({ ($0, $0) }) {
        before[start].append(
          Action(
            [.derive(entry.node, parameter)],
            creates: [.init(item: value, category: .parameters, owner: entry.node)],
            scratchByteCount: scratch))
        behind[end].append(Action([.release], releases: [value]))
      }
      guard let firstBackward = uses.backward.first, let lastBackward = uses.backward.last else {
        continue
      }
      begun[firstBackward].append(
        .init(item: gradient, category: .parameterGradients, owner: entry.node))
      behind[lastBackward] += [
        Action([.propagate(entry.node, parameter)], scratchByteCount: scratch),
        Action([.release], releases: [gradient]),
      ]
    }
    return actions.indices.flatMap {
      before[$0] + [actions[$0].creating(begun[$0])] + behind[$0]
    }
  }
}

extension Action {
  fileprivate func creating(_ creations: [Creation]) -> Action {
    creations.isEmpty
      ? self
      : Action(
        deeds, creates: creates + creations, handsOver: handsOver, releases: releases,
        scratchByteCount: scratchByteCount)
  }
}

extension Network {
  /// The derived parameters that a deed reads.
  func derivedParameters(readBy deed: Action.Deed) -> [Int] {
    switch deed {
    case .forward(let node), .recompute(let node), .backward(let node), .invert(let node):
      parameterTable.derivedParameters(of: node)
    case .encode, .decode, .derive, .propagate, .release: []
    }
  }
}
