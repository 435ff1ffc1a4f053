/*
 * descriptor.h - short names for what protoc says, in protobuf-c's types
 */
#ifndef PLUGIN_DESCRIPTOR_H
#define PLUGIN_DESCRIPTOR_H

#include <google/protobuf/compiler/plugin.pb-c.h>
#include <google/protobuf/descriptor.pb-c.h>

typedef Google__Protobuf__Compiler__CodeGeneratorRequest request_proto;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse response_proto;
typedef Google__Protobuf__Compiler__CodeGeneratorResponse__File output_proto;
typedef Google__Protobuf__FileDescriptorSet set_proto;
typedef Google__Protobuf__FileDescriptorProto file_proto;
typedef Google__Protobuf__DescriptorProto message_proto;
typedef Google__Protobuf__ServiceDescriptorProto service_proto;
typedef Google__Protobuf__MethodDescriptorProto method_proto;
typedef Google__Protobuf__SourceCodeInfo__Location location_proto;

/* Of CodeGeneratorResponse.Feature; protobuf-c's name for it is 86 long. */
#define FEATURE_PROTO3_OPTIONAL 1

#endif
