/*
 * tls.h - the types of values that TLS alone has: protocols, verify
 */
#ifndef CONFIG_TLS_H
#define CONFIG_TLS_H

#include "config/value.h"

/* As value_set; the target is an enum config_protocols or config_verify. */
const char *tls_set_protocols(const struct value_input *in, void *target);
const char *tls_set_verify(const struct value_input *in, void *target);

const char *tls_text_protocols(enum config_protocols protocols);
const char *tls_text_verify(enum config_verify verify);

#endif
