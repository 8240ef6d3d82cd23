/**
 * A certificate for localhost and 127.0.0.1 that signed itself, with its key, for as long as anybody runs these tests. Made with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=localhost
 * -addext subjectAltName=DNS:localhost,IP:127.0.0.1`; nothing trusts it.
 */
export const testCertificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUQ4LpP0GUNSZLoaVrmBdQXxd9OiEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEzMDEwNTM1MloYDzIxMjYxMTA2
MTA1MzUyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAR64HEtsc/MDhpc+5mtethM/QV8l8rlLkzFXy5d5PzOz6Muu3GjAKp+
kZ+48oLNp+OT+EYm5rXCkAILp5JDT406o28wbTAdBgNVHQ4EFgQUvA8nOvIBitt7
3+H5CD5c3BMD/L0wHwYDVR0jBBgwFoAUvA8nOvIBitt73+H5CD5c3BMD/L0wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgJIc29oq9KejV+BKOsRgYoiHQkFiVndRiHXvbqR1ApQsCIGsw
9mfwpUBr+dx5S/ETI+rl7PlqNfq5SFQUvwCeLME3
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2N4JY6kWoYShOWup
jM7JeQvKGeL6BcuqHSwRnQmpWFihRANCAAR64HEtsc/MDhpc+5mtethM/QV8l8rl
LkzFXy5d5PzOz6Muu3GjAKp+kZ+48oLNp+OT+EYm5rXCkAILp5JDT406
-----END PRIVATE KEY-----
`,
} as const;
