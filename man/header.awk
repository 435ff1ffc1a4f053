# header.awk - makes grpcd(3) of grpcd.h
#
# A comment that stands alone begins a family: its first line is the title.  One
# that stands on a declaration is about it.  What only the compiler needs is left
# out.

function escape(text)
{
	gsub(/\\/, "\\e", text)
	sub(/^[.']/, "\\\\\\&&", text)
	return text
}

# Prints lines as they are.
function literal(lines, n,    i)
{
	headed = 0
	print ".Bd -literal -offset indent"
	for (i = 1; i <= n; i++)
		print escape(lines[i])
	print ".Ed"
}

# Prints a line of a text: each sentence begins one, as mdoc(7) wants it.
function sentences(text,    n, i, parts)
{
	sub(/^ +/, "", text)
	n = split(text, parts, /\.  /)
	for (i = 1; i <= n; i++)
		print escape(parts[i] (i < n ? "." : ""))
}

# Prints the comment from line `from`: paragraphs, lists and examples.
function prose(from,    i, n, open, example)
{
	open = 0
	for (i = from; i <= n_comment; i++) {
		if (comment[i] ~ /^\t/) {
			n = 0
			for (; i <= n_comment && comment[i] ~ /^(\t.*)?$/; i++)
				example[++n] = substr(comment[i], 2)
			while (n > 0 && example[n] == "")
				n--
			literal(example, n)
			i--
			open = 0
		} else if (comment[i] == "") {
			open = 0
		} else {
			if (!headed && (!open || comment[i] ~ /^- /))
				print ".Pp"
			headed = 0
			sentences(comment[i])
			open = 1
		}
	}
}

# A title: a first line that is no sentence, and a blank one.
function is_family()
{
	return n_comment > 0 && comment[1] !~ /\.$/ && \
	    (n_comment == 1 || comment[2] == "")
}

function family()
{
	print ".Ss " escape(comment[1])
	headed = 1 # a heading begins a paragraph by itself
	prose(2)
	n_comment = 0
}

function declaration()
{
	if (n_code > 1 && is_family())
		family()
	literal(code, n_code)
	prose(1)
	n_code = n_comment = 0
}

BEGIN {
	print ".\\\" Made from grpcd.h by header.awk."
	print ".Dd November 22, 2026"
	print ".Dt GRPCD 3"
	print ".Os"
	print ".Sh NAME"
	print ".Nm grpcd"
	print ".Nd gRPC services in C"
	print ".Sh SYNOPSIS"
	print ".In grpcd.h"
	print ".Sh DESCRIPTION"
	headed = first = 1
}

/^\/\* clang-format/ || /^#(if|endif|else|include|undef)/ { next }
/^extern "C"/ || /^}$/ { next }
/^#ifndef GRPCD_H|^#define GRPCD_H$/ { next }

/^\/\*/ && !in_comment {
	if (n_code > 0)
		declaration()
	n_comment = 0
	in_comment = 1
	line = $0
	sub(/^\/\* ?/, "", line)
	if (line ~ /\*\/$/) {
		sub(/ ?\*\/$/, "", line)
		in_comment = 0
		after_comment = 1
	}
	if (line != "")
		comment[++n_comment] = line
	next
}

in_comment && /^ \*\/$/ { in_comment = 0; after_comment = 1; next }
in_comment {
	line = $0
	sub(/^ \* ?/, "", line)
	if (line != "" || n_comment > 0)
		comment[++n_comment] = line
	next
}

# A comment with a blank line behind it stands alone.
/^$/ && after_comment {
	if (first)
		prose(3)
	else
		family()
	first = n_comment = after_comment = 0
	next
}
/^$/ { if (n_code > 0) declaration(); next }
{
	if (first) { # the comment of the file stands on its guard
		prose(3)
		first = n_comment = 0
	}
	after_comment = 0
	code[++n_code] = $0
}

END {
	if (n_code > 0)
		declaration()
	print ".Sh SEE ALSO"
	print ".Xr protoc-gen-grpcd 1 ,"
	print ".Xr grpcd-module 7"
}
