/* Made by protoc-gen-grpcd from long.proto: do not edit. */
#ifndef LONG_GRPCD_H
#define LONG_GRPCD_H

#include <grpcd.h>

#include "long.pb-c.h"

#if GRPCD_API != 1
#error "made for another grpcd.h: run protoc-gen-grpcd again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * a_package_that_has_a_very_long_name.and_a_part_that_is_no_shorter.ServiceWithANameThatTakesUpMoreThanAWholeLineOfEightyColumnsOnItsOwnAlready
 */
struct a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_ops {
	/*
	 * AVeryLongWordInACommentThatCannotBeBrokenAnywhereAndTakesMoreThanEightyColumnsByItself
	 * ends.
	 *
	 * Server-streaming:
	 * a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_method_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_write(),
	 * then grpcd_finish().
	 */
	void (*method_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already)(
	    struct grpcd_call *call,
	    const APackageThatHasAVeryLongName__AndAPartThatIsNoShorter__MessageWithANameThatTakesUpMoreThanAWholeLineOfEightyColumnsOnItsOwnAlready *request);

	/*
	 * Unary:
	 * a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_short_reply().
	 */
	void (*short_)(struct grpcd_call *call,
	    const APackageThatHasAVeryLongName__AndAPartThatIsNoShorter__MessageWithANameThatTakesUpMoreThanAWholeLineOfEightyColumnsOnItsOwnAlready *request);
};

extern const struct grpcd_descriptor a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_descriptor;

#define A_PACKAGE_THAT_HAS_A_VERY_LONG_NAME_AND_A_PART_THAT_IS_NO_SHORTER_SERVICE_WITH_ANAME_THAT_TAKES_UP_MORE_THAN_AWHOLE_LINE_OF_EIGHTY_COLUMNS_ON_ITS_OWN_ALREADY(table)                     \
	.descriptor = &a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_descriptor, \
	.ops = GRPCD_TYPED(const struct a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_ops *, table)

static inline enum grpcd_flow
a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_method_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_write(
    struct grpcd_call *call,
    const APackageThatHasAVeryLongName__AndAPartThatIsNoShorter__MessageWithANameThatTakesUpMoreThanAWholeLineOfEightyColumnsOnItsOwnAlready *message)
{
	return grpcd_write(call, (const ProtobufCMessage *)message);
}

static inline bool
a_package_that_has_a_very_long_name_and_a_part_that_is_no_shorter_service_with_aname_that_takes_up_more_than_awhole_line_of_eighty_columns_on_its_own_already_short_reply(
    struct grpcd_call *call,
    const APackageThatHasAVeryLongName__AndAPartThatIsNoShorter__MessageWithANameThatTakesUpMoreThanAWholeLineOfEightyColumnsOnItsOwnAlready *message)
{
	return grpcd_reply(call, (const ProtobufCMessage *)message);
}

#ifdef __cplusplus
}
#endif

#endif
