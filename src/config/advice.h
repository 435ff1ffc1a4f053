/*
 * advice.h - what to say of a statement that is none
 */
#ifndef CONFIG_ADVICE_H
#define CONFIG_ADVICE_H

#include "config/lex.h"
#include "config/table.h"

/*
 * Tells how the statement is written that begins with a name, in a section of
 * that kind; of a name that is unknown there, what may have been meant.
 */
void advise(struct problems *problems, const struct kind *kind,
    const struct token *name);

#endif
