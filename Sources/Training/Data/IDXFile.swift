import Files

/// A gzip-compressed IDX file of bytes: a magic number, the extents, then the elements.
///
/// The header is 0, 0, 8 (for bytes), the number of dimensions, and each extent as four bytes with
/// the highest first. The first extent counts the items.
struct IDXFile {
  /// The path that the file was read from.
  let path: String
  /// The number of items that the file holds.
  let count: Int
  /// The extents of one item: height and width of an image, nothing for a label.
  let itemExtents: [Int]
  /// The elements of the items that were kept.
  let bytes: [UInt8]

  /// The number of items that were kept.
  var keptCount: Int { bytes.count / itemExtents.reduce(1, *) }

  /// Reads the first items of a file, and checks all of it.
  ///
  /// Allocates the bytes that are kept, and buffers that do not grow with the file.
  ///
  /// - Parameters:
  ///   - source: The compressed file.
  ///   - dimensions: 3 for images, 1 for labels.
  ///   - limit: How many items are kept at most; nil keeps all.
  /// - Throws: `DatasetError`, or `FileFailure` when reading fails.
  init(_ source: consuming CompressedSource, dimensions: Int, limit: Int?) throws {
    let path = source.name
    func failure(_ problem: DatasetError.Problem) -> DatasetError {
      DatasetError(path: path, problem: problem)
    }
    let reader = GzipReader(source)
    let magic = try reader.read(byteCount: 4)
    guard magic.count == 4, magic[0] == 0, magic[1] == 0, magic[2] == 8 else {
      throw failure(.notIDX)
    }
    guard magic[3] == dimensions else {
      throw failure(.wrongDimensions(Int(magic[3]), expected: dimensions))
    }
    let header = try reader.read(byteCount: 4 * dimensions)
    guard header.count == 4 * dimensions else { throw failure(.notIDX) }
    let extents = (0..<dimensions).map { axis in
      header[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    self.path = path
    count = extents[0]
    itemExtents = Array(extents.dropFirst())
    guard count > 0 else { throw failure(.empty) }
    // No image is wider than 65,535 pixels, so that products of extents cannot overflow.
    guard itemExtents.allSatisfy({ $0 > 0 && $0 < 1 << 16 }), itemExtents.count <= 2 else {
      throw failure(.badExtents(extents))
    }
    let itemSize = itemExtents.reduce(1, *)
    let (expected, overflow) = count.multipliedReportingOverflow(by: itemSize)
    guard !overflow else { throw failure(.badExtents(extents)) }

    let kept = min(count, limit ?? count) * itemSize
    bytes = try reader.read(byteCount: kept)
    let found = bytes.count + (try reader.skipRest())
    guard found >= expected else { throw failure(.truncatedIDX(bytes: found, expected: expected)) }
    guard found == expected else { throw failure(.extraBytes(found - expected)) }
  }
}
