#ifndef TIDEMARK_SANITIZER_OPERATORS_H
#define TIDEMARK_SANITIZER_OPERATORS_H

// Nothing to call: the source file replaces C++'s operators new and delete in sanitizer builds.

#endif
