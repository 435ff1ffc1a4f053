# grpcd.m4 - the checks of configure.ac that are made more than once

# GRPCD_NEED_MODULE(VARIABLE, MODULE, VERSION, DEBIAN-PACKAGE)
# A library that pkg-config knows, in VARIABLE_CFLAGS and VARIABLE_LIBS.
AC_DEFUN([GRPCD_NEED_MODULE], [
PKG_CHECK_MODULES([$1], [$2 >= $3], [],
    [AC_MSG_ERROR([$2 $3 or later is missing (Debian: apt-get install $4)])])
])

# GRPCD_NEED_PROGRAM(VARIABLE, PROGRAM, DEBIAN-PACKAGE)
AC_DEFUN([GRPCD_NEED_PROGRAM], [
AC_ARG_VAR([$1], [path of $2])
AC_PATH_PROG([$1], [$2])
AS_IF([test -z "$$1"],
    [AC_MSG_ERROR([$2 is missing (Debian: apt-get install $3)])])
])

# GRPCD_PROBE_CFLAGS(VARIABLE, FLAGS)
# Those of FLAGS that the compiler takes without a word.
AC_DEFUN([GRPCD_PROBE_CFLAGS], [
AC_SUBST([$1])
$1=
grpcd_save_CFLAGS=$CFLAGS
for grpcd_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether $CC takes $grpcd_flag])
	CFLAGS="$grpcd_save_CFLAGS -Werror $grpcd_flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM],
	    [AC_MSG_RESULT([yes]); $1="$$1 $grpcd_flag"],
	    [AC_MSG_RESULT([no])])
done
CFLAGS=$grpcd_save_CFLAGS
])

# GRPCD_PROBE_LDFLAGS(VARIABLE, FLAGS)
# The same for the linker.
AC_DEFUN([GRPCD_PROBE_LDFLAGS], [
AC_SUBST([$1])
$1=
grpcd_save_LDFLAGS=$LDFLAGS
for grpcd_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether the linker takes $grpcd_flag])
	LDFLAGS="$grpcd_save_LDFLAGS -Wl,--fatal-warnings $grpcd_flag"
	AC_LINK_IFELSE([AC_LANG_PROGRAM],
	    [AC_MSG_RESULT([yes]); $1="$$1 $grpcd_flag"],
	    [AC_MSG_RESULT([no])])
done
LDFLAGS=$grpcd_save_LDFLAGS
])

# GRPCD_FIND_PYTHON(MODULES...)
# A Python that has the modules, in PYTHON; empty if there is none.  The
# system's is asked first: distributions install the modules for that one, and
# another may stand before it in PATH.
AC_DEFUN([GRPCD_FIND_PYTHON], [
AC_ARG_VAR([PYTHON], [a Python 3 with the modules $1, for the tests])
AC_MSG_CHECKING([for a Python with $1])
grpcd_imports=`echo "$1" | sed 's/ /, /g'`
grpcd_found=
for grpcd_python in "$PYTHON" /usr/bin/python3 python3; do
	AS_IF([test -n "$grpcd_python" &&
	    "$grpcd_python" -c "import $grpcd_imports" >&AS_MESSAGE_LOG_FD 2>&1],
	    [grpcd_found=$grpcd_python; break])
done
PYTHON=$grpcd_found
AC_MSG_RESULT([${PYTHON:-none: tests that need it will be skipped}])
])

# GRPCD_WITH_DIR(NAME, WHAT, DISTRIBUTION, FOLDER)
# --with-NAMEdir, in the variable NAMEdir: where WHAT goes.  The default is
# DISTRIBUTION, a shell word, with --prefix=/usr, else FOLDER below what is
# ours; so no installation touches what is not in its prefix unless told to.
AC_DEFUN([GRPCD_WITH_DIR], [
AC_ARG_WITH([$1dir],
    [AS_HELP_STRING([--with-$1dir=DIR], [where $2 goes, or no])],
    [], [with_$1dir=yes])
AC_MSG_CHECKING([where $2 goes])
AS_CASE([$with_$1dir],
    [no], [$1dir=],
    [yes], [$1dir=
	AS_IF([test "$prefix" = /usr], [$1dir=$3])
	test -n "$$1dir" || $1dir='${datadir}/grpcd/init/$4'],
    [$1dir=$with_$1dir])
AC_MSG_RESULT([${$1dir:-nowhere}])
AC_SUBST([$1dir])
])
