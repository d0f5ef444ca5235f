//! A server of files on 127.0.0.1, good and bad.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::super::download::Fetcher;

/// How the server answers for a path.
#[derive(Clone)]
pub enum Answer {
    /// The file, whole.
    File(Vec<u8>),
    /// The file without its end.
    Cut(Vec<u8>, usize),
    /// The beginning of the file, and then nothing.
    Silent(Vec<u8>, usize),
    /// A status and nothing else.
    Status(&'static str),
    /// Another path.
    Moved(String),
    /// One answer after another; the last again and again.
    Turns(Vec<Answer>),
}

/// A server that runs until the tests end.
pub struct Server {
    address: String,
    files: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (files, asked) = (Arc::default(), Arc::default());
        let server = Self {
            address,
            files: Arc::clone(&files),
            asked: Arc::clone(&asked),
        };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (files, asked) = (Arc::clone(&files), Arc::clone(&asked));
                thread::spawn(move || answer(&mut stream.unwrap(), &files, &asked));
            }
        });
        server
    }

    /// Serves what `https://HOST/PATH` serves.
    pub fn put(&self, url: &str, answer: Answer) {
        let path = url.strip_prefix("https:/").unwrap_or(url);
        self.files.lock().unwrap().insert(path.into(), answer);
    }

    /// The address that is asked for `url`.
    pub fn url_of(&self, url: &str) -> String {
        url.replacen("https://", &format!("{}/", self.address), 1)
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// A fetcher that asks this server.
    pub fn fetcher(&self) -> Fetcher {
        Fetcher::new(
            Some(self.address.clone()),
            Duration::from_millis(400),
            Duration::from_millis(5),
        )
    }
}

fn answer(
    stream: &mut TcpStream,
    files: &Mutex<HashMap<String, Answer>>,
    asked: &Mutex<Vec<String>>,
) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let path = first.split(' ').nth(1).unwrap().to_string();
    asked.lock().unwrap().push(path.clone());
    let answer = {
        let mut files = files.lock().unwrap();
        match files.get_mut(&path) {
            None => Answer::Status("404 Not Found"),
            Some(Answer::Turns(turns)) if turns.len() > 1 => turns.remove(0),
            Some(Answer::Turns(turns)) => turns[0].clone(),
            Some(answer) => answer.clone(),
        }
    };
    let head = |status: &str, length: usize| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    let mut send = |head: String, body: &[u8]| {
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body))
            .and_then(|()| stream.flush());
    };
    match answer {
        Answer::File(body) => send(head("200 OK", body.len()), &body),
        Answer::Cut(body, at) => send(head("200 OK", body.len()), &body[..at]),
        Answer::Silent(body, at) => {
            send(head("200 OK", body.len()), &body[..at]);
            thread::sleep(Duration::from_secs(3));
        }
        Answer::Status(status) => send(head(status, 0), b""),
        Answer::Moved(to) => send(
            format!(
                "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ),
            b"",
        ),
        Answer::Turns(_) => unreachable!("turns hold answers"),
    }
}
