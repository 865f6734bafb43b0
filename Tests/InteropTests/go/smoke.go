// Command smoke calls the test server and a registry as any Go program would: smoke TESTSERVER PLENARYD.
//
// It prints a line for each case: its name, and "ok" or what was wrong.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	grpc_testing "stubs/grpc/testing"
	plenary "stubs/plenary/v1"
)

const patience = 30 * time.Second

type client struct {
	test    grpc_testing.TestServiceClient
	themes  plenary.ThemeServiceClient
	imports plenary.ImportServiceClient
}

func main() {
	testServer, registry := connect(os.Args[1]), connect(os.Args[2])
	defer testServer.Close()
	defer registry.Close()
	c := client{
		test:    grpc_testing.NewTestServiceClient(testServer),
		themes:  plenary.NewThemeServiceClient(registry),
		imports: plenary.NewImportServiceClient(registry),
	}
	report("large_unary", c.largeUnary)
	report("server_streaming", c.serverStreaming)
	report("cancel", c.cancel)
	report("deadline", c.deadline)
	report("status_message", c.statusMessage)
	report("import", c.importRecords)
	report("list", c.list)
	report("get", c.get)
	report("stale_etag", c.staleEtag)
	report("error_details", c.errorDetails)
}

func connect(address string) *grpc.ClientConn {
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		panic(err)
	}
	return connection
}

func report(name string, body func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	outcome := "ok"
	if err := body(ctx); err != nil {
		outcome = strings.ReplaceAll(err.Error(), "\n", " ")
	}
	fmt.Println(name, outcome)
}

func expect(expected, actual interface{}) error {
	if !reflect.DeepEqual(expected, actual) {
		return fmt.Errorf("expected %v, not %v", expected, actual)
	}
	return nil
}

func (c client) largeUnary(ctx context.Context) error {
	answer, err := c.test.UnaryCall(ctx, &grpc_testing.SimpleRequest{
		ResponseSize: 314159,
		Payload:      &grpc_testing.Payload{Body: make([]byte, 271828)},
	})
	if err != nil {
		return err
	}
	return expect(make([]byte, 314159), answer.GetPayload().GetBody())
}

func (c client) serverStreaming(ctx context.Context) error {
	sizes := []int32{31415, 9, 2653, 58979}
	request := &grpc_testing.StreamingOutputCallRequest{}
	for _, size := range sizes {
		request.ResponseParameters = append(request.ResponseParameters, &grpc_testing.ResponseParameters{Size: size})
	}
	answers, err := c.test.StreamingOutputCall(ctx, request)
	if err != nil {
		return err
	}
	var came []int32
	for {
		answer, err := answers.Recv()
		if err == io.EOF {
			return expect(sizes, came)
		}
		if err != nil {
			return err
		}
		came = append(came, int32(len(answer.GetPayload().GetBody())))
	}
}

func (c client) cancel(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	call, err := c.test.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	one := []*grpc_testing.ResponseParameters{{Size: 31415}}
	if err := call.Send(&grpc_testing.StreamingOutputCallRequest{ResponseParameters: one}); err != nil {
		return err
	}
	if _, err := call.Recv(); err != nil {
		return err
	}
	cancel()
	_, err = call.Recv()
	return expect(codes.Canceled, status.Code(err))
}

func (c client) deadline(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	late := []*grpc_testing.ResponseParameters{{IntervalUs: 600000000}}
	answers, err := c.test.StreamingOutputCall(ctx, &grpc_testing.StreamingOutputCallRequest{ResponseParameters: late})
	if err == nil {
		_, err = answers.Recv()
	}
	return expect(codes.DeadlineExceeded, status.Code(err))
}

func (c client) statusMessage(ctx context.Context) error {
	message := "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
	_, err := c.test.UnaryCall(ctx, &grpc_testing.SimpleRequest{
		ResponseStatus: &grpc_testing.EchoStatus{Code: 2, Message: message},
	})
	if err := expect(codes.Unknown, status.Code(err)); err != nil {
		return err
	}
	return expect(message, status.Convert(err).Message())
}

func theme(number int) *plenary.Theme {
	return &plenary.Theme{
		Name:   fmt.Sprintf("themes/go-%d", number),
		Scheme: "smoke",
		PrefLabel: &plenary.LocalizedText{
			Values:           map[string]string{"en": fmt.Sprintf("Theme %d", number)},
			OriginalLanguage: "en",
		},
	}
}

func (c client) importRecords(ctx context.Context) error {
	call, err := c.imports.ImportRegistry(ctx)
	if err != nil {
		return err
	}
	header := &plenary.ImportRegistryRequest_Header_{Header: &plenary.ImportRegistryRequest_Header{}}
	requests := []*plenary.ImportRegistryRequest{{Content: header}}
	for number := 1; number <= 3; number++ {
		record := &plenary.Record{Kind: &plenary.Record_Theme{Theme: theme(number)}}
		content := &plenary.ImportRegistryRequest_Record{Record: record}
		requests = append(requests, &plenary.ImportRegistryRequest{Content: content})
	}
	for _, request := range requests {
		if err := call.Send(request); err != nil {
			return err
		}
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	for {
		answer, err := call.Recv()
		if err != nil {
			return err
		}
		if summary := answer.GetSummary(); summary != nil {
			return expect(int32(3), summary.CreatedCount)
		}
	}
}

func (c client) list(ctx context.Context) error {
	page, err := c.themes.ListThemes(ctx, &plenary.ListThemesRequest{OrderBy: "name"})
	if err != nil {
		return err
	}
	var names []string
	for _, theme := range page.Themes {
		if strings.HasPrefix(theme.Name, "themes/go-") {
			names = append(names, theme.Name)
		}
	}
	return expect([]string{"themes/go-1", "themes/go-2", "themes/go-3"}, names)
}

func (c client) get(ctx context.Context) error {
	theme, err := c.themes.GetTheme(ctx, &plenary.GetThemeRequest{Name: "themes/go-2"})
	if err != nil {
		return err
	}
	return expect("Theme 2", theme.PrefLabel.Values["en"])
}

func (c client) staleEtag(ctx context.Context) error {
	theme, err := c.themes.GetTheme(ctx, &plenary.GetThemeRequest{Name: "themes/go-1"})
	if err != nil {
		return err
	}
	theme.Notation = "G1"
	mask := &fieldmaskpb.FieldMask{Paths: []string{"notation"}}
	update := &plenary.UpdateThemeRequest{Theme: theme, UpdateMask: mask}
	if _, err := c.themes.UpdateTheme(ctx, update); err != nil {
		return err
	}
	theme.Notation = "G2"
	_, err = c.themes.UpdateTheme(ctx, update)
	if err := expect(codes.Aborted, status.Code(err)); err != nil {
		return err
	}
	for _, detail := range status.Convert(err).Details() {
		if found, ok := detail.(*errdetails.ErrorInfo); ok {
			return expect("ETAG_MISMATCH", found.Reason)
		}
	}
	return fmt.Errorf("there is no ErrorInfo")
}

func (c client) errorDetails(ctx context.Context) error {
	_, err := c.themes.GetTheme(ctx, &plenary.GetThemeRequest{Name: "themes/nothing"})
	if err := expect(codes.NotFound, status.Code(err)); err != nil {
		return err
	}
	for _, detail := range status.Convert(err).Details() {
		if found, ok := detail.(*errdetails.ResourceInfo); ok {
			return expect("themes/nothing", found.ResourceName)
		}
	}
	return fmt.Errorf("there is no ResourceInfo")
}
