//! Publishes, follows and waits over the HTTP API, with the standard library alone.
//!
//!     usage: main HOST:PORT publish TOPIC JSON
//!            main HOST:PORT follow BOOKMARK
//!            main HOST:PORT wait CONTAINER
//!
//! A program of yours would use its HTTP client and serde_json, or gRPC with tonic from the .proto
//! files in protos/; the paths and the bookmark stay the same. Requests are HTTP/1.0, so that an
//! answer is neither chunked nor kept open.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process;
use std::thread;
use std::time::Duration;

const NAMESPACE: &str = "default";
const PAUSE: Duration = Duration::from_secs(1);
const USAGE: &str =
    "usage: main HOST:PORT publish TOPIC JSON | follow BOOKMARK | wait CONTAINER";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args[..] {
        [address, "publish", topic, json] => publish(address, topic, json),
        [address, "follow", bookmark] => follow(address, bookmark),
        [address, "wait", container] => wait(address, container),
        _ => Err(other(USAGE)),
    };
    if let Err(error) = result {
        eprintln!("{error}");
        process::exit(1);
    }
}

/// Returns once the event is durable.
fn publish(address: &str, topic: &str, json: &str) -> io::Result<()> {
    let body = format!(
        r#"{{"topic": "{topic}", "namespace": "{NAMESPACE}",
            "event": {{"@type": "google.protobuf.Struct", "value": {json}}}}}"#
    );
    let head = format!(
        "POST /v1/events HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    let (status, answer) = request(address, &head, &body)?;
    match status {
        200 => Ok(()),
        _ => Err(other(&text_of(answer)?)),
    }
}

/// Shows each event once, also those that were published while this program was not running.
fn follow(address: &str, bookmark: &str) -> io::Result<()> {
    let mut cursor = fs::read_to_string(bookmark).unwrap_or_default();
    loop {
        // The broker is away or stops: the cursor says where to continue.
        if let Err(error) = follow_once(address, bookmark, &mut cursor) {
            eprintln!("{error}");
        }
        thread::sleep(PAUSE);
    }
}

/// Reads server-sent events until the stream ends. The id of an event is its cursor.
fn follow_once(address: &str, bookmark: &str, cursor: &mut String) -> io::Result<()> {
    // Without a cursor, it begins with the oldest event that is kept.
    let from = match cursor.as_str() {
        "" => "since=1970-01-01T00:00:00Z".to_string(),
        after => format!("after={after}"),
    };
    let head = format!("GET /v1/events?{from} HTTP/1.0\r\nAccept: text/event-stream");
    let (status, answer) = request(address, &head, "")?;
    if status != 200 {
        return Err(other(&text_of(answer)?));
    }
    let (mut id, mut kind, mut data) = (String::new(), String::new(), String::new());
    for line in answer.lines() {
        let line = line?;
        match line.split_once(": ") {
            Some(("id", value)) => id = value.to_string(),
            Some(("event", value)) => kind = value.to_string(),
            Some(("data", value)) => data = value.to_string(),
            _ if line.is_empty() => {
                // Events have no kind of their own; `gap`, for one, says that events are lost.
                if kind.is_empty() && !data.is_empty() {
                    println!("{data}");
                } else if kind == "gap" {
                    println!("events are missing: {data}");
                }
                if !id.is_empty() {
                    // After the event was handled, so that none is missed.
                    *cursor = std::mem::take(&mut id);
                    save(bookmark, cursor)?;
                }
                kind.clear();
                data.clear();
            }
            // A comment, which says that the connection lives.
            _ => {}
        }
    }
    Ok(())
}

/// Replaces the file at once, so that a crash leaves the old bookmark or the new one.
fn save(bookmark: &str, cursor: &str) -> io::Result<()> {
    let new = format!("{bookmark}.new");
    fs::write(&new, cursor)?;
    fs::rename(new, bookmark)
}

/// Prints how the newest run of a container ended, once it has.
fn wait(address: &str, container: &str) -> io::Result<()> {
    loop {
        let head = format!("GET /v1/containers/{NAMESPACE}/{container}/wait HTTP/1.0");
        let (status, answer) = request(address, &head, "")?;
        let text = text_of(answer)?;
        match status {
            200 => {
                println!("{text}");
                return Ok(());
            }
            // It has not ended yet.
            204 => continue,
            // An end that is not known is an error, never 0.
            _ => return Err(other(&text)),
        }
    }
}

/// Sends a request; returns the status of the answer, and the rest to read.
fn request(address: &str, head: &str, body: &str) -> io::Result<(u16, BufReader<TcpStream>)> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "{head}\r\nHost: {address}\r\n\r\n{body}")?;
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    answer.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    while line.trim_end() != "" {
        line.clear();
        answer.read_line(&mut line)?;
    }
    match status {
        Some(status) => Ok((status, answer)),
        None => Err(other("expected an HTTP answer")),
    }
}

fn text_of(mut answer: BufReader<TcpStream>) -> io::Result<String> {
    let mut text = String::new();
    answer.read_to_string(&mut text)?;
    Ok(text.trim_end().to_string())
}

fn other(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Other, text)
}
