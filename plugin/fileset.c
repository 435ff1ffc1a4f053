/*
 * fileset.c - the descriptors of files, for reflection
 */
#include <config.h>

#include "plugin/fileset.h"

#include <stdbool.h>

#include "plugin/request.h"
#include "plugin/scratch.h"
#include "plugin/stream.h"

/* Marks the file number i, and all that it imports, which stand before it. */
static void
mark_imports(const request_proto *request, size_t i, bool *marks)
{
	const file_proto *file;

	marks[i] = true;
	for (size_t k = i + 1; k-- > 0;) {
		file = request->proto_file[k];
		for (size_t j = 0; marks[k] && j < file->n_dependency; j++)
			marks[request_file(request, k, file->dependency[j])] =
			    true;
	}
}

uint8_t *
fileset_pack(const request_proto *request, size_t i, size_t *ret_len)
{
	set_proto set = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_SET__INIT;
	bool *marks = scratch_take((i + 1) * sizeof(*marks));
	file_proto *copies = scratch_take((i + 1) * sizeof(*copies));

	mark_imports(request, i, marks);
	set.file = scratch_take((i + 1) * sizeof(*set.file));
	for (size_t k = 0; k <= i; k++) {
		if (!marks[k])
			continue;
		copies[k] = *request->proto_file[k];
		copies[k].source_code_info = NULL;
		set.file[set.n_file++] = &copies[k];
	}
	return stream_pack(&set.base, ret_len);
}
