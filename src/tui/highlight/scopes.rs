//! From the scopes of a grammar to the tokens of a theme.

use std::collections::HashMap;

use syntect::parsing::{Scope, ScopeStack};

use crate::tui::theme::Token;

/// The longer name stands before the shorter one that it begins with.
const NAMES: [(&str, Token); 24] = [
    ("comment", Token::SynComment),
    ("constant.character.escape", Token::SynConstant),
    ("string", Token::SynString),
    ("constant.numeric", Token::SynNumber),
    ("constant", Token::SynConstant),
    ("keyword.operator.word", Token::SynKeyword),
    ("keyword.operator", Token::SynOperator),
    ("keyword", Token::SynKeyword),
    ("storage", Token::SynKeyword),
    ("entity.name.function", Token::SynFunction),
    ("entity.name.macro", Token::SynFunction),
    ("support.function", Token::SynFunction),
    ("support.macro", Token::SynFunction),
    ("variable.function", Token::SynFunction),
    ("entity.name.tag", Token::SynKeyword),
    ("entity.name.section", Token::SynFunction),
    ("entity.name", Token::SynType),
    ("entity.other.inherited-class", Token::SynType),
    ("entity.other.attribute-name", Token::SynVariable),
    ("support.type", Token::SynType),
    ("support.class", Token::SynType),
    ("variable.language", Token::SynKeyword),
    ("variable", Token::SynVariable),
    ("meta.attribute", Token::SynConstant),
];

/// The names as scopes, and what was looked up before.
pub(super) struct Scopes {
    names: Vec<(Scope, Token)>,
    known: HashMap<Scope, Option<Token>>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        let names = NAMES.iter().filter_map(|(name, token)| {
            let scope = Scope::new(name).ok()?;
            Some((scope, *token))
        });
        Self {
            names: names.collect(),
            known: HashMap::new(),
        }
    }

    /// The token of the innermost scope that has one.
    pub(super) fn token(&mut self, stack: &ScopeStack) -> Token {
        let scopes = stack.as_slice().iter().rev();
        let found = scopes.copied().find_map(|scope| self.look_up(scope));
        found.unwrap_or(Token::Text)
    }

    fn look_up(&mut self, scope: Scope) -> Option<Token> {
        let names = &self.names;
        *self.known.entry(scope).or_insert_with(|| {
            let found = names.iter().find(|(name, _)| name.is_prefix_of(scope));
            found.map(|(_, token)| *token)
        })
    }
}
