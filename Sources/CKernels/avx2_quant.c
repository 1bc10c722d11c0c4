/* AVX2 for quantised matrices. */

#if defined(__x86_64__)

#define TM_AVX2_TARGET "avx2,fma,f16c"
#define TM_AVX2_NAME(format) tm_avx2_##format
#define TM_AVX2_VNNI 0
#include "avx2_quant.h"

#else
typedef int tm_no_avx2_quant_here;
#endif
