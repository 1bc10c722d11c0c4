// SHA-256 from the distribution's OpenSSL, so the distribution patches it (libssl-dev).
#include <openssl/sha.h>
