#ifndef CFASHIONMNIST_H
#define CFASHIONMNIST_H

#include <stddef.h>

/// Bytes that are part of the program.
typedef struct {
  const unsigned char *bytes;
  size_t count;
} tidemark_embedded_file;

/// A gzip file of the bundled subset of Fashion-MNIST (see Data/README.md).
///
/// Files 0 and 1 are the training images and labels, 2 and 3 the test images and labels.
tidemark_embedded_file tidemark_fashion_mnist_file(size_t index);

#endif
