/// The types of voxels that are read, by their numbers in the format NIfTI-1.
enum VoxelType: Int {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768

  /// What is read, in words.
  static let summary = "whole numbers of 8, 16 and 32 bits and floating-point ones of 32 and 64"

  /// The bytes of a voxel.
  var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .float64: 8
    }
  }

  /// The number of a voxel, exactly.
  func number(_ voxel: Int, of bytes: [UInt8], swapped: Bool) -> Double {
    func word<Word: FixedWidthInteger>() -> Word {
      bytes.word(at: voxel * byteCount, swapped: swapped)
    }
    return switch self {
    case .uint8: Double(word() as UInt8)
    case .int8: Double(word() as Int8)
    case .uint16: Double(word() as UInt16)
    case .int16: Double(word() as Int16)
    case .uint32: Double(word() as UInt32)
    case .int32: Double(word() as Int32)
    case .float32: Double(Float(bitPattern: word()))
    case .float64: Double(bitPattern: word())
    }
  }
}
