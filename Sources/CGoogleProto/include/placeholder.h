typedef int CGoogleProto_placeholder;
