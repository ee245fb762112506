import KernelInterface

/// The kernels of this target's instruction set; each file of this folder adds some.
///
/// This folder is compiled once an instruction set: every kernel target holds a link to it.
/// Entry points are `@inline(never)`: cross-module optimisation would otherwise compile them again
/// in the caller, for the caller's instruction set.
package struct NativeKernels: KernelSet {
  package init() {}
}
