/*
 * comment.h - the comments that a .proto file has on its services and methods
 */
#ifndef PLUGIN_COMMENT_H
#define PLUGIN_COMMENT_H

#include "plugin/descriptor.h"

/*
 * The text of the comment in front of a service, or behind it; of its method
 * number `method`, if that is not -1.  Lines without the marks of a comment;
 * "" if there is none.
 */
char *comment_find(const file_proto *file, int service, int method);

#endif
