// The system's libcrypto (OpenSSL 3), of which coherent-bench uses SHA-256 only.
#include <openssl/evp.h>
