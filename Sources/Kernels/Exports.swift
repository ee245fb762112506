// Users of the engine name its geometries without a second import.
@_exported import KernelInterface
