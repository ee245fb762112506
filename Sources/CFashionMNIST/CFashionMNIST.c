#include "CFashionMNIST.h"

// The data are compiled in, so that the program finds them wherever it is moved to.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char training_images[] = {
#embed "Data/train-images-idx3-ubyte.gz"
};

static const unsigned char training_labels[] = {
#embed "Data/train-labels-idx1-ubyte.gz"
};

static const unsigned char test_images[] = {
#embed "Data/t10k-images-idx3-ubyte.gz"
};

static const unsigned char test_labels[] = {
#embed "Data/t10k-labels-idx1-ubyte.gz"
};

tidemark_embedded_file tidemark_fashion_mnist_file(size_t index) {
  static const tidemark_embedded_file files[] = {
      {training_images, sizeof training_images},
      {training_labels, sizeof training_labels},
      {test_images, sizeof test_images},
      {test_labels, sizeof test_labels},
  };
  if (index >= sizeof files / sizeof files[0]) return (tidemark_embedded_file){0, 0};
  return files[index];
}
