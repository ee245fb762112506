// Representations speak of sketches, and shapes of geometries: one import names them all.
@_exported import KernelInterface
