// Makes calls of all four kinds to t/modules/stages with grpc-go, which end in
// every way and at every stage: runs the cases that it is given for each kind,
// with a line on standard error and exit status 1 where an end is not the one
// expected.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	patience = 60 * time.Second // far above what any case takes
	many     = 5000
)

type kind struct {
	method   string
	up, down bool // streams of the client, of the server
}

var kinds = []kind{
	{"Unary", false, false},
	{"Up", true, false},
	{"Down", false, true},
	{"Both", true, true},
}

type call struct {
	grpc.ClientStream
}

func begin(ctx context.Context, conn *grpc.ClientConn, k kind) (call, error) {
	desc := &grpc.StreamDesc{ClientStreams: k.up, ServerStreams: k.down}
	stream, err := conn.NewStream(ctx, desc, "/stages.Stages/"+k.method)
	return call{stream}, err
}

// send ignores io.EOF: the call has ended, as the answer will tell.
func (c call) send(texts ...string) error {
	for _, text := range texts {
		err := c.SendMsg(wrapperspb.String(text))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c call) receive() (string, error) {
	reply := new(wrapperspb.StringValue)
	err := c.RecvMsg(reply)
	return reply.GetValue(), err
}

// rest reads to the end; an answer without streams has one message.
func (c call) rest(k kind) ([]string, error) {
	var all []string
	for {
		text, err := c.receive()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, text)
		if !k.down {
			return all, nil
		}
	}
}

func play(ctx context.Context, conn *grpc.ClientConn, k kind, texts ...string) ([]string, error) {
	c, err := begin(ctx, conn, k)
	if err != nil {
		return nil, err
	}
	sent := make(chan error, 1)
	go func() {
		err := c.send(texts...)
		sent <- errors.Join(err, c.CloseSend())
	}()
	all, err := c.rest(k)
	return all, errors.Join(err, <-sent)
}

func fails(err error, code codes.Code) error {
	if status.Code(err) != code {
		return fmt.Errorf("wanted %v, got %v", code, err)
	}
	return nil
}

func wants(all []string, err error, wanted ...string) error {
	if err != nil {
		return err
	}
	if strings.Join(all, " ") != strings.Join(wanted, " ") {
		return fmt.Errorf("wanted %.200q, got %.200q", wanted, all)
	}
	return nil
}

func numbers(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(i)
	}
	return all
}

// says has the service told something, and expects an answer.
func says(order, answer string) func(context.Context, *grpc.ClientConn, kind) error {
	return func(ctx context.Context, conn *grpc.ClientConn, k kind) error {
		all, err := play(ctx, conn, k, order)
		return wants(all, err, answer)
	}
}

func empty(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	if !k.up {
		all, err := play(ctx, conn, k, "0")
		if k.down {
			return wants(all, err)
		}
		return wants(all, err, "0")
	}
	all, err := play(ctx, conn, k)
	return wants(all, err, "0")
}

func thousands(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	texts := numbers(many)
	count := fmt.Sprint(many)
	switch {
	case k.up && k.down:
		all, err := play(ctx, conn, k, texts...)
		return wants(all, err, append(texts, count)...)
	case k.up:
		all, err := play(ctx, conn, k, texts...)
		return wants(all, err, count)
	case k.down:
		all, err := play(ctx, conn, k, count)
		return wants(all, err, texts...)
	}
	for _, text := range texts[:many/10] {
		if err := says(text, text)(ctx, conn, k); err != nil {
			return err
		}
	}
	return nil
}

// early: the status comes while the client still sends, and never stops.
func early(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	c, err := begin(ctx, conn, k)
	if err == nil {
		err = c.send("early")
	}
	if err != nil {
		return err
	}
	if !k.up {
		if err = c.CloseSend(); err != nil {
			return err
		}
		_, err = c.rest(k)
		return fails(err, codes.Aborted)
	}
	for err == nil {
		err = c.SendMsg(wrapperspb.String(strings.Repeat("x", 1000)))
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	_, err = c.rest(k)
	return fails(err, codes.Aborted)
}

// halfClose: the server answers what came before it, and then the end.
func halfClose(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	c, err := begin(ctx, conn, k)
	if err == nil {
		err = c.send("1")
	}
	if err != nil {
		return err
	}
	first := []string{}
	if k.up && k.down {
		text, err := c.receive()
		if err = wants([]string{text}, err, "1"); err != nil {
			return err
		}
	} else if k.down {
		first = append(first, "0")
	}
	time.Sleep(20 * time.Millisecond)
	if err = c.CloseSend(); err != nil {
		return err
	}
	all, err := c.rest(k)
	if k.down && !k.up {
		return wants(all, err, first...)
	}
	return wants(all, err, "1")
}

// slow: the service takes a message at a time, and stops the client meanwhile.
func slow(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	if !k.up {
		return says("late", "late")(ctx, conn, k)
	}
	texts := make([]string, 300)
	for i := range texts {
		texts[i] = "slow" + strings.Repeat("x", 20000)
	}
	all, err := play(ctx, conn, k, texts...)
	if k.down {
		return wants(all, err, append(texts, "300")...)
	}
	return wants(all, err, "300")
}

func forget(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	_, err := play(ctx, conn, k, "forget")
	return fails(err, codes.Unknown)
}

func gone(ctx context.Context, conn *grpc.ClientConn, k kind) error {
	if err := says("haunt", "haunted")(ctx, conn, k); err != nil {
		return err
	}
	return says("ghost", "ghost")(ctx, conn, k)
}

// A stage brings a call so far that nothing more comes of it.
var stages = []struct {
	name  string
	fits  func(k kind) bool
	reach func(c call, k kind) error
}{
	{"opened", func(kind) bool { return true }, func(c call, k kind) error { return nil }},
	{"sent", func(kind) bool { return true }, func(c call, k kind) error {
		return c.send("never")
	}},
	{"half-closed", func(kind) bool { return true }, func(c call, k kind) error {
		return errors.Join(c.send("never"), c.CloseSend())
	}},
	{"answered", func(k kind) bool { return k.down }, func(c call, k kind) error {
		err := c.send("hold")
		if err == nil && !k.up {
			err = c.CloseSend()
		}
		if err == nil {
			_, err = c.receive()
		}
		return err
	}},
	{"flooded", func(k kind) bool { return k.down }, func(c call, k kind) error {
		err := errors.Join(c.send("flood"), c.CloseSend())
		for i := 0; i < 100 && err == nil; i++ {
			_, err = c.receive()
		}
		return err
	}},
}

// atStages ends a call at each stage, by its client or by its deadline.
func atStages(code codes.Code) func(context.Context, *grpc.ClientConn, kind) error {
	return func(ctx context.Context, conn *grpc.ClientConn, k kind) error {
		for _, stage := range stages {
			if !stage.fits(k) {
				continue
			}
			for range 5 {
				if err := endAt(ctx, conn, k, stage.reach, code); err != nil {
					return fmt.Errorf("%s: %w", stage.name, err)
				}
			}
		}
		return says("still here", "still here")(ctx, conn, kinds[0])
	}
}

func endAt(ctx context.Context, conn *grpc.ClientConn, k kind, reach func(call, kind) error,
	code codes.Code) error {
	var stop context.CancelFunc
	if code == codes.Canceled {
		ctx, stop = context.WithCancel(ctx)
	} else {
		ctx, stop = context.WithTimeout(ctx, 60*time.Millisecond)
	}
	defer stop()
	c, err := begin(ctx, conn, k)
	if err == nil {
		err = reach(c, k)
	}
	if err != nil {
		return err
	}
	if code == codes.Canceled {
		stop()
	} else {
		<-ctx.Done() // what has come is read after the end of the time
	}
	_, err = c.rest(k)
	return fails(err, code)
}

var cases = map[string]func(context.Context, *grpc.ClientConn, kind) error{
	"empty":      empty,
	"thousands":  thousands,
	"early":      early,
	"half-close": halfClose,
	"slow":       slow,
	"twice":      says("twice", "first"),
	"late":       says("late", "late"),
	"forget":     forget,
	"gone":       gone,
	"cancel":     atStages(codes.Canceled),
	"deadline":   atStages(codes.DeadlineExceeded),
}

func main() {
	conn, err := grpc.NewClient(os.Args[1],
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	failed := false
	for _, name := range os.Args[2:] {
		run, known := cases[name]
		for _, k := range kinds {
			ctx, stop := context.WithTimeout(context.Background(), patience)
			err := fmt.Errorf("no such case")
			if known {
				err = run(ctx, conn, k)
			}
			stop()
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s, %s: %v\n", name, k.method, err)
				failed = true
			}
		}
	}
	if failed {
		os.Exit(1)
	}
}
