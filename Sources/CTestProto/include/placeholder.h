typedef int CTestProto_placeholder;
