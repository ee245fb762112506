import KernelInterface

extension Engine {
  /// Writes channels `start`, `start + step`, … of every row, or adds them.
  ///
  /// Rows are pixels. Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: (rows, sourceChannels).
  ///   - sourceChannels: The channels of a row that is read.
  ///   - start: The first channel.
  ///   - step: The distance from one channel to the next.
  ///   - destination: (rows, channels).
  ///   - channels: The channels of a row that is written.
  ///   - rows: The number of rows.
  ///   - accumulate: Whether to add instead of overwriting.
  public func gatherChannels(
    _ source: UnsafePointer<Float>, sourceChannels: Int, start: Int, step: Int,
    into destination: UnsafeMutablePointer<Float>, channels: Int, rows: Int, accumulate: Bool
  ) {
    if step == 1 {
      return unsafe copyColumns(
        source + start, stride: sourceChannels, into: destination, stride: channels, rows: rows,
        columns: channels, accumulate: accumulate)
    }
    forEachRows(rows, elements: sourceChannels) { range in
      for row in range {
        let source = unsafe source + row * sourceChannels + start
        let destination = unsafe destination + row * channels
        for channel in 0..<channels {
          let value = unsafe source[channel * step]
          unsafe destination[channel] = accumulate ? destination[channel] + value : value
        }
      }
    }
  }

  /// Writes rows to channels `start`, `start + step`, … of longer rows with 0 in the other channels,
  /// or adds them.
  ///
  /// Rows are pixels. Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: (rows, channels).
  ///   - channels: The channels of a row that is read.
  ///   - destination: (rows, destinationChannels).
  ///   - destinationChannels: The channels of a row that is written.
  ///   - start: The first channel that is written.
  ///   - step: The distance from one channel to the next.
  ///   - rows: The number of rows.
  ///   - accumulate: Whether to add instead of overwriting.
  public func scatterChannels(
    _ source: UnsafePointer<Float>, channels: Int,
    into destination: UnsafeMutablePointer<Float>, destinationChannels: Int, start: Int, step: Int,
    rows: Int, accumulate: Bool
  ) {
    forEachRows(rows, elements: destinationChannels) { range in
      for row in range {
        let source = unsafe source + row * channels
        let destination = unsafe destination + row * destinationChannels
        if !accumulate { unsafe destination.update(repeating: 0, count: destinationChannels) }
        for channel in 0..<channels {
          let target = unsafe destination + start + channel * step
          let value = unsafe source[channel]
          unsafe target.pointee = accumulate ? target.pointee + value : value
        }
      }
    }
  }

  /// Takes the channels of every row as a matrix of `groups` rows and transposes it, or adds that.
  ///
  /// Channel k of the result is channel (k mod groups)·(channels/groups) + ⌊k/groups⌋. With
  /// channels/groups in place of `groups` it is undone. Allocates nothing.
  ///
  /// - Parameters:
  ///   - source: (rows, channels).
  ///   - destination: (rows, channels); must not overlap the source.
  ///   - channels: The channels of a row; a multiple of `groups`.
  ///   - groups: The number of groups.
  ///   - rows: The number of rows.
  ///   - accumulate: Whether to add instead of overwriting.
  public func shuffleChannels(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, channels: Int,
    groups: Int, rows: Int, accumulate: Bool
  ) {
    let members = channels / groups
    forEachRows(rows, elements: channels) { range in
      for row in range {
        let source = unsafe source + row * channels
        let destination = unsafe destination + row * channels
        for group in 0..<groups {
          for member in 0..<members {
            let value = unsafe source[group * members + member]
            let target = unsafe destination + member * groups + group
            unsafe target.pointee = accumulate ? target.pointee + value : value
          }
        }
      }
    }
  }
}
