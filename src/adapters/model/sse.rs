//! Server-sent events without I/O: bytes in any split, events out (WHATWG HTML, section "Server-sent events"). What an event
//! means is the codecs' business; `id` and `retry` are read over, because nobody reconnects to a model's answer.

/// The most bytes of one line and of one event's data. A tool call may come as one chunk, so this is as large as a reply.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The `event` field; empty where there was none.
    pub name: String,
    /// The `data` fields, joined by line feeds. Bytes that are no UTF-8 are replaced.
    pub data: String,
}

/// Gathers events from bytes.
#[derive(Clone, Debug)]
pub struct Parser {
    line: Vec<u8>,
    name: String,
    /// None before the first `data` field of an event.
    data: Option<Vec<u8>>,
    last_was_cr: bool,
    /// At most the three bytes of a byte order mark have been seen.
    is_at_start: bool,
    /// The line is over the bound; what is left of it is dropped.
    drops_line: bool,
    /// Lines and fields that were over the bound.
    dropped: usize,
    most_bytes: usize,
}

impl Default for Parser {
    fn default() -> Self {
        Self::bounded(MOST_BYTES)
    }
}

impl Parser {
    /// A parser that drops lines and events of more than `most_bytes`.
    #[must_use]
    pub const fn bounded(most_bytes: usize) -> Self {
        Self {
            line: Vec::new(),
            name: String::new(),
            data: None,
            last_was_cr: false,
            is_at_start: true,
            drops_line: false,
            dropped: 0,
            most_bytes,
        }
    }

    /// Something was over the bound and has been dropped, so the events are no longer all that was sent.
    #[must_use]
    pub const fn has_dropped(&self) -> bool {
        self.dropped > 0
    }

    /// Takes more bytes and gives the events that are now whole. An event that is not closed by an empty line never comes.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            let ends_pair = byte == b'\n' && self.last_was_cr;
            self.last_was_cr = byte == b'\r';
            match byte {
                // The second half of CR LF: the line has ended already.
                b'\n' if ends_pair => {}
                b'\r' | b'\n' => events.extend(self.end_line()),
                _ => self.push(byte),
            }
        }
        events
    }

    fn push(&mut self, byte: u8) {
        if self.line.len() < self.most_bytes {
            self.line.push(byte);
        } else {
            self.drops_line = true;
        }
        if self.is_at_start && self.line.len() >= 3 {
            self.is_at_start = false;
            if self.line == b"\xEF\xBB\xBF" {
                self.line.clear();
            }
        }
    }

    fn end_line(&mut self) -> Option<Event> {
        self.is_at_start = false;
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.drops_line) {
            self.dropped += 1;
            return None;
        }
        if line.is_empty() {
            return self.end_event();
        }
        let colon = line.iter().position(|&byte| byte == b':');
        let (field, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            b"data" => self.add(value),
            // Comments (an empty field name), `id`, `retry` and whatever else.
            _ => {}
        }
        None
    }

    fn add(&mut self, value: &[u8]) {
        let known = self.data.as_ref().map_or(0, Vec::len);
        if known.saturating_add(value.len()) >= self.most_bytes {
            self.dropped += 1;
            return;
        }
        match &mut self.data {
            Some(data) => {
                data.push(b'\n');
                data.extend_from_slice(value);
            }
            none => *none = Some(value.to_vec()),
        }
    }

    fn end_event(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let data = self.data.take()?;
        Some(Event {
            name,
            data: String::from_utf8_lossy(&data).into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event {
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    /// Streams and what they say.
    fn table() -> Vec<(&'static [u8], Vec<Event>)> {
        vec![
            (b"data: a\n\n", vec![event("", "a")]),
            (
                b"data:a\r\n\r\ndata:  b\r\n\r\n",
                vec![event("", "a"), event("", " b")],
            ),
            (
                b"event: x\rdata: a\r\rdata: b\r\r",
                vec![event("x", "a"), event("", "b")],
            ),
            (b"\xEF\xBB\xBFdata: a\n\n", vec![event("", "a")]),
            (b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n\n", vec![]),
            (
                b": ping\n\ndata: a\n: more\ndata: b\n\n",
                vec![event("", "a\nb")],
            ),
            (b"event: lost\n\ndata: a\n\n", vec![event("", "a")]),
            (b"id: 7\nretry: 10\nodd\ndata\n\n", vec![event("", "")]),
            (b"data: a\xFF\n\n", vec![event("", "a\u{FFFD}")]),
            (
                "data: \u{1F600}é\n\n".as_bytes(),
                vec![event("", "\u{1F600}é")],
            ),
            (b"data: never closed\n", vec![]),
            (b"\r\n\r\ndata: a\n\r\n", vec![event("", "a")]),
        ]
    }

    #[test]
    fn every_split_gives_the_same_events() {
        for (bytes, wanted) in table() {
            for place in 0..=bytes.len() {
                let mut parser = Parser::default();
                let mut events = parser.feed(&bytes[..place]);
                events.extend(parser.feed(&bytes[place..]));
                assert_eq!(events, wanted, "{bytes:?} split at {place}");
            }
            let mut parser = Parser::default();
            let events: Vec<_> = bytes
                .iter()
                .flat_map(|byte| parser.feed(&[*byte]))
                .collect();
            assert_eq!(events, wanted, "{bytes:?} byte by byte");
        }
    }

    #[test]
    fn what_is_too_long_is_dropped_and_said() {
        let mut parser = Parser::bounded(16);
        let events = parser.feed(b"data: 0123456789012345678\ndata: a\n\ndata: b\n\n");
        assert_eq!(events, [event("", "a"), event("", "b")]);
        assert!(parser.has_dropped());

        let mut parser = Parser::bounded(16);
        let events = parser.feed(b"data: 0123456\ndata: 0123456\ndata: 0123456\n\n");
        assert_eq!(events, [event("", "0123456\n0123456")]);
        assert!(parser.has_dropped());
    }
}
