typedef int CGRPCProto_placeholder;
