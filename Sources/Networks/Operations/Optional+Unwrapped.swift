extension Optional {
  /// The value that the schedule promises to be there.
  ///
  /// The validator has proved it before anything ran; a missing one is a bug of ours.
  var unwrapped: Wrapped {
    guard let value = self else {
      preconditionFailure("the schedule does not provide what this pass needs")
    }
    return value
  }
}
