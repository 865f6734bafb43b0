import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import com.google.rpc.ErrorInfo;
import com.google.rpc.ResourceInfo;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.grpc.testing.integration.Messages.EchoStatus;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.ResponseParameters;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.Messages.StreamingOutputCallRequest;
import io.grpc.testing.integration.Messages.StreamingOutputCallResponse;
import io.grpc.testing.integration.TestServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import plenary.v1.BundleOuterClass.Record;
import plenary.v1.Import.ImportRegistryRequest;
import plenary.v1.Import.ImportRegistryResponse;
import plenary.v1.ImportServiceGrpc;
import plenary.v1.LocalizedTextOuterClass.LocalizedText;
import plenary.v1.ThemeOuterClass.GetThemeRequest;
import plenary.v1.ThemeOuterClass.ListThemesRequest;
import plenary.v1.ThemeOuterClass.Theme;
import plenary.v1.ThemeOuterClass.UpdateThemeRequest;
import plenary.v1.ThemeServiceGrpc;

/**
 * Calls the test server and a registry as any Java program would: {@code SmokeClient TESTSERVER PLENARYD}.
 *
 * <p>It prints a line for each case: its name, and "ok" or what was wrong.
 */
final class SmokeClient {
  private static final int SECONDS = 30;

  private interface Case {
    void run() throws Exception;
  }

  private final ManagedChannel testServer;
  private final ManagedChannel registry;

  private SmokeClient(String testServer, String registry) {
    this.testServer = ManagedChannelBuilder.forTarget(testServer).usePlaintext().build();
    this.registry = ManagedChannelBuilder.forTarget(registry).usePlaintext().build();
  }

  public static void main(String[] arguments) throws Exception {
    SmokeClient client = new SmokeClient(arguments[0], arguments[1]);
    report("large_unary", client::largeUnary);
    report("server_streaming", client::serverStreaming);
    report("cancel", client::cancel);
    report("deadline", client::deadline);
    report("status_message", client::statusMessage);
    report("import", client::importRecords);
    report("list", client::list);
    report("get", client::get);
    report("stale_etag", client::staleEtag);
    report("error_details", client::errorDetails);
    client.testServer.shutdown().awaitTermination(SECONDS, TimeUnit.SECONDS);
    client.registry.shutdown().awaitTermination(SECONDS, TimeUnit.SECONDS);
  }

  private static void report(String name, Case body) {
    try {
      body.run();
      System.out.println(name + " ok");
    } catch (Exception | AssertionError failure) {
      System.out.println(name + " " + failure.toString().replace('\n', ' '));
    }
  }

  private static void expect(Object expected, Object actual) {
    if (!expected.equals(actual)) throw new AssertionError("expected " + expected + ", not " + actual);
  }

  private static StatusRuntimeException refusal(Case body) throws Exception {
    try {
      body.run();
    } catch (StatusRuntimeException refusal) {
      return refusal;
    }
    throw new AssertionError("it was not refused");
  }

  private TestServiceGrpc.TestServiceBlockingStub test() {
    return TestServiceGrpc.newBlockingStub(testServer).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
  }

  private ThemeServiceGrpc.ThemeServiceBlockingStub themes() {
    return ThemeServiceGrpc.newBlockingStub(registry).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
  }

  private static Payload payload(int size) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[size])).build();
  }

  private void largeUnary() {
    SimpleRequest request = SimpleRequest.newBuilder().setResponseSize(314159).setPayload(payload(271828)).build();
    expect(payload(314159), test().unaryCall(request).getPayload());
  }

  private void serverStreaming() {
    StreamingOutputCallRequest.Builder request = StreamingOutputCallRequest.newBuilder();
    for (int size : List.of(31415, 9, 2653, 58979)) {
      request.addResponseParameters(ResponseParameters.newBuilder().setSize(size));
    }
    List<Integer> sizes = new ArrayList<>();
    test().streamingOutputCall(request.build()).forEachRemaining(it -> sizes.add(it.getPayload().getBody().size()));
    expect(List.of(31415, 9, 2653, 58979), sizes);
  }

  private void cancel() throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    StreamObserver<StreamingOutputCallRequest> requests =
        TestServiceGrpc.newStub(testServer).fullDuplexCall(
            new ClientResponseObserver<StreamingOutputCallRequest, StreamingOutputCallResponse>() {
              private ClientCallStreamObserver<StreamingOutputCallRequest> call;

              @Override
              public void beforeStart(ClientCallStreamObserver<StreamingOutputCallRequest> call) {
                this.call = call;
              }

              @Override
              public void onNext(StreamingOutputCallResponse response) {
                call.cancel("enough", null);
              }

              @Override
              public void onError(Throwable error) {
                end.complete(Status.fromThrowable(error));
              }

              @Override
              public void onCompleted() {
                end.complete(Status.OK);
              }
            });
    ResponseParameters one = ResponseParameters.newBuilder().setSize(31415).build();
    requests.onNext(StreamingOutputCallRequest.newBuilder().addResponseParameters(one).build());
    expect(Status.Code.CANCELLED, end.get(SECONDS, TimeUnit.SECONDS).getCode());
  }

  private void deadline() throws Exception {
    ResponseParameters late = ResponseParameters.newBuilder().setIntervalUs(600_000_000).build();
    StreamingOutputCallRequest request = StreamingOutputCallRequest.newBuilder().addResponseParameters(late).build();
    TestServiceGrpc.TestServiceBlockingStub hurried =
        TestServiceGrpc.newBlockingStub(testServer).withDeadlineAfter(100, TimeUnit.MILLISECONDS);
    StatusRuntimeException refusal = refusal(() -> hurried.streamingOutputCall(request).next());
    expect(Status.Code.DEADLINE_EXCEEDED, refusal.getStatus().getCode());
  }

  private void statusMessage() throws Exception {
    String message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    EchoStatus status = EchoStatus.newBuilder().setCode(2).setMessage(message).build();
    SimpleRequest request = SimpleRequest.newBuilder().setResponseStatus(status).build();
    StatusRuntimeException refusal = refusal(() -> test().unaryCall(request));
    expect(Status.Code.UNKNOWN, refusal.getStatus().getCode());
    expect(message, refusal.getStatus().getDescription());
  }

  private static Theme theme(int number) {
    LocalizedText label =
        LocalizedText.newBuilder().putValues("en", "Theme " + number).setOriginalLanguage("en").build();
    return Theme.newBuilder().setName("themes/java-" + number).setScheme("smoke").setPrefLabel(label).build();
  }

  private void importRecords() throws Exception {
    CompletableFuture<ImportRegistryResponse.Summary> summary = new CompletableFuture<>();
    StreamObserver<ImportRegistryRequest> requests =
        ImportServiceGrpc.newStub(registry).importRegistry(
            new StreamObserver<ImportRegistryResponse>() {
              @Override
              public void onNext(ImportRegistryResponse response) {
                if (response.hasSummary()) summary.complete(response.getSummary());
              }

              @Override
              public void onError(Throwable error) {
                summary.completeExceptionally(error);
              }

              @Override
              public void onCompleted() {
                summary.completeExceptionally(new AssertionError("there was no summary"));
              }
            });
    requests.onNext(
        ImportRegistryRequest.newBuilder().setHeader(ImportRegistryRequest.Header.getDefaultInstance()).build());
    for (int number = 1; number <= 3; number++) {
      Record record = Record.newBuilder().setTheme(theme(number)).build();
      requests.onNext(ImportRegistryRequest.newBuilder().setRecord(record).build());
    }
    requests.onCompleted();
    expect(3, summary.get(SECONDS, TimeUnit.SECONDS).getCreatedCount());
  }

  private void list() {
    List<String> names = new ArrayList<>();
    for (Theme theme : themes().listThemes(ListThemesRequest.newBuilder().setOrderBy("name").build()).getThemesList()) {
      if (theme.getName().startsWith("themes/java-")) names.add(theme.getName());
    }
    expect(List.of("themes/java-1", "themes/java-2", "themes/java-3"), names);
  }

  private void get() {
    Theme theme = themes().getTheme(GetThemeRequest.newBuilder().setName("themes/java-2").build());
    expect("Theme 2", theme.getPrefLabel().getValuesOrThrow("en"));
  }

  private void staleEtag() throws Exception {
    Theme before = themes().getTheme(GetThemeRequest.newBuilder().setName("themes/java-1").build());
    Theme changed = before.toBuilder().setNotation("J1").build();
    UpdateThemeRequest update =
        UpdateThemeRequest.newBuilder().setTheme(changed).setUpdateMask(FieldMask.newBuilder().addPaths("notation"))
            .build();
    expect("J1", themes().updateTheme(update).getNotation());
    UpdateThemeRequest again = update.toBuilder().setTheme(changed.toBuilder().setNotation("J2")).build();
    StatusRuntimeException refusal = refusal(() -> themes().updateTheme(again));
    expect(Status.Code.ABORTED, refusal.getStatus().getCode());
    expect("ETAG_MISMATCH", detail(refusal, ErrorInfo.class).getReason());
  }

  private void errorDetails() throws Exception {
    StatusRuntimeException refusal =
        refusal(() -> themes().getTheme(GetThemeRequest.newBuilder().setName("themes/nothing").build()));
    expect(Status.Code.NOT_FOUND, refusal.getStatus().getCode());
    expect("plenary.registry", detail(refusal, ErrorInfo.class).getDomain());
    expect("themes/nothing", detail(refusal, ResourceInfo.class).getResourceName());
  }

  private static <Detail extends com.google.protobuf.Message> Detail detail(
      StatusRuntimeException refusal, Class<Detail> type) throws Exception {
    for (Any packed : StatusProto.fromThrowable(refusal).getDetailsList()) {
      if (packed.is(type)) return packed.unpack(type);
    }
    throw new AssertionError("there is no " + type.getSimpleName());
  }
}
