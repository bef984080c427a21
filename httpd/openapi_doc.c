/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The assembler reads the document (compilers run in the project's root), so that no generated
 * source is needed. From C rather than from an assembler file, because then the compiler adds the
 * marks for a non-executable stack and control-flow protection.
 */
#include "httpd/openapi_doc.h"

__asm__(".pushsection .rodata\n"
	".globl openapi_doc, openapi_doc_size\n"
	"openapi_doc:\n"
	".incbin \"openapi/gluster-imaged.json\"\n"
	"1:\n"
	".byte 0\n"
	".balign 8\n"
	"openapi_doc_size:\n"
	".quad 1b - openapi_doc\n"
	".popsection\n");
