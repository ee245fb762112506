import Glibc
import KernelInterface

extension NativeKernels: DiceKernels {
  @inline(never)
  package func softmaxOverlap(
    scores: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    probabilities: UnsafeMutablePointer<Float>, pixels: Int, classes: Int,
    sums: UnsafeMutablePointer<DiceSums>
  ) {
    unsafe sums.initialize(repeating: DiceSums(), count: classes)
    for pixel in 0..<pixels {
      let input = unsafe scores + pixel &* classes
      let output = unsafe probabilities + pixel &* classes
      // Of equal scores the first is the prediction.
      var best = 0
      for index in 1..<classes {
        if unsafe input[index] > input[best] { best = index }
      }
      let largest = unsafe input[best]
      var sum: Float = 0
      for index in 0..<classes {
        let power = unsafe expf(input[index] - largest)
        unsafe output[index] = power
        sum += power
      }
      let label = unsafe Int(labels[pixel])
      for index in 0..<classes {
        let probability = unsafe output[index] / sum
        unsafe output[index] = probability
        unsafe sums[index].probability += Double(probability)
      }
      unsafe sums[label].overlap += Double(output[label])
      unsafe sums[label].pixels &+= 1
      unsafe sums[best].predictions &+= 1
      if label == best { unsafe sums[label].hits &+= 1 }
    }
  }

  @inline(never)
  package func softmaxOverlapBackward(
    probabilities: UnsafePointer<Float>, labels: UnsafePointer<Int32>,
    gradient: UnsafeMutablePointer<Float>, pixels: Int, classes: Int,
    slopes: UnsafePointer<Float>, offsets: UnsafePointer<Float>
  ) {
    for pixel in 0..<pixels {
      let label = unsafe Int(labels[pixel])
      let input = unsafe probabilities + pixel &* classes
      let output = unsafe gradient + pixel &* classes
      // With g = ∂loss/∂p the gradient of a score is p·(g − Σ p·g).
      var mean = unsafe input[label] * slopes[label]
      for index in 0..<classes { mean += unsafe input[index] * offsets[index] }
      for index in 0..<classes {
        let slope = index == label ? unsafe slopes[index] : 0
        unsafe output[index] = input[index] * (slope + offsets[index] - mean)
      }
    }
  }
}
