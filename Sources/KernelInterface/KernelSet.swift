/// All kernels, compiled for one instruction set.
///
/// The entry points take and return pointers and numbers, never vectors: a vector that crosses a
/// call between differently compiled modules is slow at best.
package protocol KernelSet: Sendable, ElementwiseKernels, RectifierKernels, NormalizationKernels,
  PoolingKernels, SoftmaxKernels, ConvolutionKernels, ReductionKernels, SketchKernels,
  QuantizationKernels, OptimizerKernels, UpsamplingKernels, ColumnKernels, DiceKernels,
  RooflineKernels, ActivationKernels, ProductKernels, DropoutKernels, LocalResponseKernels
{}
