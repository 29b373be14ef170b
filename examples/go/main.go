// Publishes, follows and waits, with grpc-go.
//
//	usage: main ADDRESS publish TOPIC JSON
//	       main ADDRESS follow BOOKMARK
//	       main ADDRESS wait CONTAINER
//
// ADDRESS is unix:///path or host:port. The package foghorn/api is what generate.sh makes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"foghorn/api"
)

const (
	namespace = "default"
	pause     = time.Second
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: main ADDRESS publish TOPIC JSON | follow BOOKMARK | wait CONTAINER")
	}
	// An event may have 16 MiB, four times what clients take unless they are told.
	limit := grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32))
	conn, err := grpc.Dial(os.Args[1], grpc.WithInsecure(), limit)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	if err := run(context.Background(), conn, os.Args[2], os.Args[3:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, conn *grpc.ClientConn, command string, args []string) error {
	switch {
	case command == "publish" && len(args) == 2:
		return publish(ctx, conn, args[0], args[1])
	case command == "follow":
		return follow(ctx, conn, args[0])
	case command == "wait":
		return wait(ctx, conn, args[0])
	}
	return fmt.Errorf("unknown command: %s with %d arguments", command, len(args))
}

// publish uses containerd's own call: any client of containerd can publish.
func publish(ctx context.Context, conn *grpc.ClientConn, topic, text string) error {
	payload := &structpb.Struct{}
	if err := protojson.Unmarshal([]byte(text), payload); err != nil {
		return err
	}
	value, err := proto.Marshal(payload)
	if err != nil {
		return err
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "containerd-namespace", namespace)
	event := &anypb.Any{TypeUrl: string(payload.ProtoReflect().Descriptor().FullName()), Value: value}
	request := &api.PublishRequest{Topic: topic, Event: event}
	_, err = api.NewEventsClient(conn).Publish(ctx, request)
	return err
}

// follow shows each event once, also those that were published while it was not running.
func follow(ctx context.Context, conn *grpc.ClientConn, bookmark string) error {
	cursor, err := os.ReadFile(bookmark)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	after := string(cursor)
	for {
		after, err = read(ctx, conn, after, bookmark)
		// The broker is away or stops: the cursor says where to continue.
		if err != nil && status.Code(err) != codes.Unavailable {
			return err
		}
		time.Sleep(pause)
	}
}

// read shows what follows a cursor until the broker ends the call, and returns the last cursor.
func read(ctx context.Context, conn *grpc.ClientConn, after, bookmark string) (string, error) {
	request := &api.ReadRequest{
		GapPolicy: api.GapPolicy_GAP_POLICY_CONTINUE,
		Start:     &api.ReadRequest_Earliest{Earliest: &api.Earliest{}},
	}
	if after != "" {
		request.Start = &api.ReadRequest_After{After: after}
	}
	stream, err := api.NewHistoryClient(conn).Read(ctx, request)
	if err != nil {
		return after, err
	}
	for {
		response, err := stream.Recv()
		if err == io.EOF {
			return after, nil
		}
		if err != nil {
			return after, err
		}
		after = handle(response)
		if err := save(bookmark, after); err != nil {
			return after, err
		}
	}
}

// handle returns the cursor to continue after.
func handle(response *api.ReadResponse) string {
	switch message := response.Message.(type) {
	case *api.ReadResponse_Entries:
		entries := message.Entries.Entries
		for _, entry := range entries {
			fmt.Println(entry.Topic, describe(entry.Event))
		}
		return entries[len(entries)-1].Cursor
	case *api.ReadResponse_Gap:
		fmt.Printf("at most %d events are not kept any more\n", message.Gap.LostAtMost)
		return message.Gap.To
	case *api.ReadResponse_CaughtUp:
		return message.CaughtUp.Cursor
	case *api.ReadResponse_End:
		return message.End.Cursor
	}
	return response.GetProgress().GetCursor()
}

func describe(event *anypb.Any) string {
	switch event.GetTypeUrl() {
	case "containerd.events.TaskExit":
		exit := &api.TaskExit{}
		if err := proto.Unmarshal(event.Value, exit); err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s exited %d", exit.ContainerId, exit.ExitStatus)
	case "google.protobuf.Struct":
		payload := &structpb.Struct{}
		if err := proto.Unmarshal(event.Value, payload); err != nil {
			return err.Error()
		}
		return fmt.Sprint(payload.AsMap())
	}
	return event.GetTypeUrl()
}

// save replaces the file, so that a crash leaves the old cursor or the new one.
func save(bookmark, cursor string) error {
	if err := os.WriteFile(bookmark+".new", []byte(cursor), 0o600); err != nil {
		return err
	}
	return os.Rename(bookmark+".new", bookmark)
}

// wait prints the exit code, also of a container that ended long ago.
func wait(ctx context.Context, conn *grpc.ClientConn, container string) error {
	request := &api.WaitRequest{
		Container: &api.ContainerKey{Namespace: namespace, ContainerId: container},
		Condition: &api.WaitRequest_NotRunning{NotRunning: &api.NotRunning{}},
	}
	exit, err := api.NewHistoryClient(conn).Wait(ctx, request, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	fmt.Println(exit.ExitStatus)
	return nil
}
