//! A receiver that runs, and a sender that knows no more of HTTP than a request takes.

use super::driver::Desk;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// `watch --listen` in a process of its own; killed when dropped.
pub struct Receiver {
    pub child: Child,
    pub address: SocketAddr,
}

impl Receiver {
    pub fn start(desk: &Desk, args: &[&str]) -> Self {
        Self::start_with(&mut desk.command(&[&["watch", "--listen", "127.0.0.1:0"], args].concat()))
    }

    pub fn start_with(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = said.by_ref().map(Result::unwrap).find(|line| line.contains("listening on http://")).unwrap();
        // What it says later must find a reader.
        std::thread::spawn(move || said.for_each(drop));
        let address = line.rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address }
    }

    /// Ctrl-C: what was taken is judged before it ends.
    pub fn stop(mut self) {
        assert!(Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(130));
    }

    /// SIGKILL.
    pub fn end(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a body; status and body of the answer. An error or status 0 when there was none.
pub fn post(to: SocketAddr, path: &str, headers: &str, body: &[u8]) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let length = body.len();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n")?;
    stream.write_all(body)?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok((status, text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}
