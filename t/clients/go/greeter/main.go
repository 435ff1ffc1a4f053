// Calls the greeter with grpc-go, as its users do: runs the cases that it is
// given, with a line on standard error and exit status 1 where an answer is not
// the one expected.
//
// HelloRequest and HelloReply look like google.protobuf.StringValue on the
// wire (one string, field 1), so no code is generated here.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const service = "/helloworld.Greeter/"

// patience is far above what any case takes.
const patience = 30 * time.Second

var cases = map[string]func(context.Context, *grpc.ClientConn) error{
	"unary":         unary,
	"many":          many,
	"large":         large,
	"too-large":     tooLarge,
	"metadata":      sendMetadata,
	"unimplemented": unimplemented,
	"cancel":        cancel,
	"server-stream": serverStream,
	"bidi":          bidi,
	"bidi-many":     bidiMany,
	"bidi-deadline": bidiDeadline,
	"bidi-cancel":   bidiCancel,
	"health":        health,
}

// health asks as gRPC's own client does: Check, List and Watch.
func health(ctx context.Context, conn *grpc.ClientConn) error {
	const serving = grpc_health_v1.HealthCheckResponse_SERVING
	client := grpc_health_v1.NewHealthClient(conn)
	for _, name := range []string{"", "helloworld.Greeter"} {
		reply, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: name})
		if err != nil || reply.Status != serving {
			return fmt.Errorf("Check of %q: %v, %v", name, reply, err)
		}
	}
	unknown := &grpc_health_v1.HealthCheckRequest{Service: "no.Such"}
	if _, err := client.Check(ctx, unknown); status.Code(err) != codes.NotFound {
		return fmt.Errorf("Check of an unknown service: %v", err)
	}
	all, err := client.List(ctx, &grpc_health_v1.HealthListRequest{})
	if err != nil || len(all.Statuses) != 3 || all.Statuses[""].GetStatus() != serving ||
		all.Statuses["helloworld.Greeter"].GetStatus() != serving {
		return fmt.Errorf("List: %v, %v", all, err)
	}
	return watchUnknown(ctx, client, unknown)
}

func watchUnknown(
	ctx context.Context, client grpc_health_v1.HealthClient, request *grpc_health_v1.HealthCheckRequest,
) error {
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := client.Watch(watching, request)
	if err != nil {
		return err
	}
	reply, err := stream.Recv()
	if err != nil || reply.Status != grpc_health_v1.HealthCheckResponse_SERVICE_UNKNOWN {
		return fmt.Errorf("Watch of an unknown service: %v, %v", reply, err)
	}
	return nil
}

func hello(ctx context.Context, conn *grpc.ClientConn, name string) (string, error) {
	reply := new(wrapperspb.StringValue)
	limit := grpc.MaxCallRecvMsgSize(64 << 20)
	err := conn.Invoke(ctx, service+"SayHello", wrapperspb.String(name), reply, limit)
	return reply.GetValue(), err
}

func greets(ctx context.Context, conn *grpc.ClientConn, name string) error {
	got, err := hello(ctx, conn, name)
	if err != nil {
		return err
	}
	return same(got, "Hello "+name)
}

func same(got, wanted string) error {
	if got != wanted {
		return fmt.Errorf("wanted %.80q, got %.80q", wanted, got)
	}
	return nil
}

func fails(err error, code codes.Code, parts ...string) error {
	if status.Code(err) != code {
		return fmt.Errorf("wanted %v, got %v", code, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			return fmt.Errorf("%q is not in %v", part, err)
		}
	}
	return nil
}

func unary(ctx context.Context, conn *grpc.ClientConn) error {
	for _, name := range []string{"world", "", "Jürgen", "世界"} {
		if err := greets(ctx, conn, name); err != nil {
			return err
		}
	}
	return nil
}

func many(ctx context.Context, conn *grpc.ClientConn) error {
	faults := make(chan error, 1000)
	var group sync.WaitGroup
	for i := range cap(faults) {
		group.Add(1)
		go func() {
			defer group.Done()
			faults <- greets(ctx, conn, fmt.Sprint(i))
		}()
	}
	group.Wait()
	close(faults)
	for err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

func large(ctx context.Context, conn *grpc.ClientConn) error {
	return greets(ctx, conn, strings.Repeat("n", 4<<20-5))
}

func tooLarge(ctx context.Context, conn *grpc.ClientConn) error {
	_, err := hello(ctx, conn, strings.Repeat("n", 4<<20))
	return fails(err, codes.ResourceExhausted, "max_message_size", "4194304")
}

func sendMetadata(ctx context.Context, conn *grpc.ClientConn) error {
	ctx = metadata.AppendToOutgoingContext(ctx,
		"key", "value", "key", "again", "raw-bin", string([]byte{0, 1, 254, 255}))
	return greets(ctx, conn, "metadata")
}

func unimplemented(ctx context.Context, conn *grpc.ClientConn) error {
	for _, path := range []string{service + "Nod", "/no.Such/Method"} {
		err := conn.Invoke(ctx, path, wrapperspb.String(""), new(wrapperspb.StringValue))
		if err = fails(err, codes.Unimplemented); err != nil {
			return err
		}
	}
	return nil
}

func cancel(ctx context.Context, conn *grpc.ClientConn) error {
	for range 100 {
		cancelled, stop := context.WithCancel(ctx)
		go stop()
		if _, err := hello(cancelled, conn, "x"); err != nil {
			if err = fails(err, codes.Canceled); err != nil {
				return err
			}
		}
	}
	return greets(ctx, conn, "still here")
}

func open(ctx context.Context, conn *grpc.ClientConn, method string) (grpc.ClientStream, error) {
	desc := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	return conn.NewStream(ctx, desc, service+method)
}

func receive(stream grpc.ClientStream) (string, error) {
	reply := new(wrapperspb.StringValue)
	err := stream.RecvMsg(reply)
	return reply.GetValue(), err
}

func ended(stream grpc.ClientStream) error {
	if got, err := receive(stream); !errors.Is(err, io.EOF) {
		return fmt.Errorf("wanted the end, got %q, %v", got, err)
	}
	return nil
}

func serverStream(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := open(ctx, conn, "SayHelloStreamReply")
	if err != nil {
		return err
	}
	if err = stream.SendMsg(wrapperspb.String("go")); err != nil {
		return err
	}
	if err = stream.CloseSend(); err != nil {
		return err
	}
	count := 0
	for ; err == nil; count++ {
		_, err = receive(stream)
	}
	if !errors.Is(err, io.EOF) || count < 3 {
		return fmt.Errorf("%d messages, %v", count-1, err)
	}
	return nil
}

// pingPong sends a name and waits for its greeting, count times.
func pingPong(stream grpc.ClientStream, count int) error {
	for i := range count {
		name := fmt.Sprint(i)
		if err := stream.SendMsg(wrapperspb.String(name)); err != nil {
			return err
		}
		got, err := receive(stream)
		if err != nil {
			return err
		}
		if err = same(got, "Hello "+name); err != nil {
			return err
		}
	}
	return nil
}

func bidi(ctx context.Context, conn *grpc.ClientConn) error {
	stream, err := open(ctx, conn, "SayHelloBidiStream")
	if err != nil {
		return err
	}
	if err = pingPong(stream, 100); err != nil {
		return err
	}
	if err = stream.CloseSend(); err != nil {
		return err
	}
	return ended(stream)
}

// bidiMany sends all before it reads any, as far as flow control lets it.
func bidiMany(ctx context.Context, conn *grpc.ClientConn) error {
	const count = 5000
	stream, err := open(ctx, conn, "SayHelloBidiStream")
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < count && err == nil; i++ {
			err = stream.SendMsg(wrapperspb.String(fmt.Sprint(i)))
		}
		sent <- errors.Join(err, stream.CloseSend())
	}()
	for i := range count {
		got, err := receive(stream)
		if err != nil {
			return err
		}
		if err = same(got, fmt.Sprint("Hello ", i)); err != nil {
			return err
		}
	}
	return errors.Join(<-sent, ended(stream))
}

func bidiDeadline(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, stop := context.WithTimeout(ctx, 200*time.Millisecond)
	defer stop()
	stream, err := open(ctx, conn, "SayHelloBidiStream")
	if err == nil {
		err = pingPong(stream, 1)
	}
	if err == nil {
		_, err = receive(stream)
	}
	return fails(err, codes.DeadlineExceeded)
}

func bidiCancel(ctx context.Context, conn *grpc.ClientConn) error {
	for range 50 {
		cancelled, stop := context.WithCancel(ctx)
		stream, err := open(cancelled, conn, "SayHelloBidiStream")
		if err == nil {
			err = pingPong(stream, 1)
		}
		stop()
		if err != nil {
			return err
		}
		if _, err = receive(stream); status.Code(err) != codes.Canceled {
			return fails(err, codes.Canceled)
		}
	}
	return greets(ctx, conn, "still here")
}

// tlsFiles are those that the flags name; without a CA there is no TLS.
type tlsFiles struct {
	ca, cert, key string
}

func (f tlsFiles) credentials() (credentials.TransportCredentials, error) {
	if f.ca == "" {
		return insecure.NewCredentials(), nil
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	text, err := os.ReadFile(f.ca)
	if err == nil && !config.RootCAs.AppendCertsFromPEM(text) {
		err = fmt.Errorf("%s has no certificate", f.ca)
	}
	if err == nil && f.cert != "" {
		var own tls.Certificate
		own, err = tls.LoadX509KeyPair(f.cert, f.key)
		config.Certificates = []tls.Certificate{own}
	}
	return credentials.NewTLS(config), err
}

func run(address string, files tlsFiles, name string) error {
	run, known := cases[name]
	if !known {
		return fmt.Errorf("no case %q", name)
	}
	security, err := files.credentials()
	if err != nil {
		return err
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(security))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	return run(ctx, conn)
}

func list() {
	var names []string
	for name := range cases {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Println(strings.Join(names, "\n"))
}

func main() {
	address := flag.String("address", "127.0.0.1:50051", "where grpcd listens")
	var files tlsFiles
	flag.StringVar(&files.ca, "ca", "", "speak TLS with a server of this CA")
	flag.StringVar(&files.cert, "cert", "", "a certificate of one's own")
	flag.StringVar(&files.key, "key", "", "the key of the certificate")
	flag.Parse()
	if flag.NArg() == 0 {
		list()
		return
	}
	status := 0
	for _, name := range flag.Args() {
		if err := run(*address, files, name); err != nil {
			fmt.Fprintln(os.Stderr, name+":", err)
			status = 1
		}
	}
	os.Exit(status)
}
