import KernelInterface
import Testing

@Suite struct PoolingGeometryTests {
  private func geometry(
    batchSize: Int = 1, channels: Int = 1, input: Int, kernel: Int, stride: Int = 1,
    before: Int = 0, after: Int = 0, dilation: Int = 1, ceil: Bool = false
  ) throws(PoolingGeometryError) -> PoolingGeometry {
    func onWidth(_ number: Int, else other: Int) -> Extent3 {
      Extent3(depth: other, height: other, width: number)
    }
    return try PoolingGeometry(
      batchSize: batchSize, channels: channels, inputExtent: onWidth(input, else: 1),
      kernelExtent: onWidth(kernel, else: 1), stride: onWidth(stride, else: 1),
      paddingBefore: onWidth(before, else: 0), paddingAfter: onWidth(after, else: 0),
      dilation: onWidth(dilation, else: 1), ceilMode: ceil)
  }

  @Test func outputIsRoundedDown() throws {
    #expect(try geometry(input: 9, kernel: 2, stride: 2).outputExtent.width == 4)
    #expect(
      try geometry(input: 8, kernel: 3, stride: 2, before: 1, after: 1).outputExtent.width == 4)
    #expect(try geometry(input: 5, kernel: 3, stride: 7).outputExtent.width == 1)
    let several = try geometry(batchSize: 3, channels: 4, input: 6, kernel: 2, stride: 2)
    #expect(several.inputCount == 72)
    #expect(several.outputCount == 36)
  }

  @Test func ceilModeRoundsUpButNotBehindTheMap() throws {
    #expect(try geometry(input: 9, kernel: 2, stride: 2, ceil: true).outputExtent.width == 5)
    #expect(try geometry(input: 8, kernel: 2, stride: 2, ceil: true).outputExtent.width == 4)
    // A third window would begin at pixel 5 of 5.
    #expect(
      try geometry(input: 5, kernel: 2, stride: 3, before: 1, after: 1, ceil: true)
        .outputExtent.width == 2)
    // A window larger than the map, as PyTorch takes it.
    #expect(try geometry(input: 2, kernel: 3, stride: 2, ceil: true).outputExtent.width == 1)
    #expect(throws: PoolingGeometryError.self) {
      try geometry(input: 1, kernel: 3, stride: 2, ceil: true)
    }
  }

  /// The largest window of an adaptive pooling is known without looking at all.
  @Test func adaptiveWindowsAreAtMostAsLargeAsTheySay() throws {
    for input in 1...24 {
      for output in 1...26 {
        let width = try PoolingGeometry(
          batchSize: 1, channels: 1, inputExtent: Extent3(depth: 1, height: 1, width: input),
          adaptiveOutput: Extent3(depth: 1, height: 1, width: output)
        ).width
        let counts = (0..<output).map { width.cells(ofWindow: $0).count }
        #expect(counts.max() == width.kernel, "\(input) to \(output)")
        for pixel in 0..<input {
          let covering = (0..<output).filter {
            let start = width.start(ofWindow: $0)
            return start..<start + width.cells(ofWindow: $0).count ~= pixel
          }
          #expect(Array(width.windows(coveringPixel: pixel)) == covering, "\(input) to \(output)")
        }
      }
    }
  }

  @Test func impossibleSizesAreRefusedInOneSentence() {
    func message(_ make: () throws(PoolingGeometryError) -> PoolingGeometry) -> String {
      do {
        return "accepted: \(try make())"
      } catch {
        return error.description
      }
    }
    #expect(
      message { () throws(PoolingGeometryError) in try geometry(input: 4, kernel: 5) }
        == "a pooling window of 5 does not fit into 4 pixels, padding included")
    #expect(
      message { () throws(PoolingGeometryError) in
        try geometry(input: 4, kernel: 2, before: 2)
      }
        == "the padding of pooling is at least 0 and smaller than the window of 2, not 2 and 0")
    for wrong in [
      message { () throws(PoolingGeometryError) in try geometry(input: 0, kernel: 1) },
      message { () throws(PoolingGeometryError) in try geometry(input: 4, kernel: 0) },
      message { () throws(PoolingGeometryError) in try geometry(input: 4, kernel: 1, stride: 0) },
      message { () throws(PoolingGeometryError) in
        try geometry(input: 4, kernel: 2, before: -1)
      },
      message { () throws(PoolingGeometryError) in
        try geometry(input: 4, kernel: 2, after: 9)
      },
      message { () throws(PoolingGeometryError) in
        try geometry(input: 4, kernel: 2, dilation: 0)
      },
      message { () throws(PoolingGeometryError) in
        try geometry(input: 4, kernel: 2, before: 3, after: 3, dilation: 5)
      },
      message { () throws(PoolingGeometryError) in
        try geometry(input: 4, kernel: 1 << 31, dilation: (1 << 31) - 1)
      },
      message { () throws(PoolingGeometryError) in
        try geometry(channels: 0, input: 4, kernel: 2)
      },
      message { () throws(PoolingGeometryError) in
        try geometry(batchSize: -1, input: 4, kernel: 2)
      },
      message { () throws(PoolingGeometryError) in try geometry(input: .max, kernel: .max) },
      message { () throws(PoolingGeometryError) in
        try geometry(batchSize: .max, input: 4, kernel: 2)
      },
    ] {
      #expect(!wrong.hasPrefix("accepted"))
    }
  }

  @Test func cellsAreNumberedInAsFewBytesAsPossible() throws {
    #expect(try geometry(input: 300, kernel: 256).indexByteCount == 1)
    #expect(try geometry(input: 300, kernel: 257).indexByteCount == 2)
    #expect(try geometry(input: 70_000, kernel: 65_536).indexByteCount == 2)
    #expect(try geometry(input: 70_000, kernel: 65_537).indexByteCount == 4)
  }
}
