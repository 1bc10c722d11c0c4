// Regular expressions from the distribution (libpcre2-dev), on UTF-8.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
