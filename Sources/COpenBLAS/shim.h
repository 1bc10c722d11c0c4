// Dense linear algebra from the distribution (libopenblas-dev). LAPACK's Fortran entry points are
// declared here: their C header is another package.
#include <cblas.h>
#include <stddef.h>

// Cholesky factor of a symmetric positive matrix, and the inverse from that factor.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t length);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t length);
