//! The words by which rules know what a heading or a line is about, in English, German, Portuguese,
//! Spanish and French. A rule for another language is a word more in these lists.

/// What a stretch of a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// What to do when something is wrong.
    Trouble,
    /// The way back.
    Rollback,
    /// Another environment than the live one.
    Elsewhere,
    /// API keys.
    Keys,
    /// Products and prices.
    Catalog,
    /// The endpoint.
    Webhook,
    /// The customer portal.
    Portal,
    /// The env file.
    Env,
    /// What is watched after the launch.
    Monitoring,
}

const TOPICS: &[(Topic, &[&str])] = &[
    (
        Topic::Rollback,
        &[
            "rollback",
            "roll back",
            "rolling back",
            "backout",
            "zurückrollen",
            "rückfall",
            "reversão",
            "reverter",
            "reversión",
            "revertir",
            "retour arrière",
            "marcha atrás",
        ],
    ),
    (
        Topic::Trouble,
        &[
            "troubleshoot",
            "common issue",
            "common question",
            "common problem",
            "faq",
            "known issue",
            "issue:",
            "q:",
            "issue 1",
            "issue 2",
            "issue 3",
            "issue 4",
            "fehlerbehebung",
            "häufige",
            "solução de problemas",
            "problemas comuns",
            "perguntas",
            "resolución de problemas",
            "problemas comunes",
            "preguntas",
            "dépannage",
        ],
    ),
    (
        Topic::Elsewhere,
        &[
            "local development",
            "local setup",
            "development setup",
            "lokale entwicklung",
            "desenvolvimento local",
            "desarrollo local",
        ],
    ),
    (Topic::Portal, &["portal", "kundenportal"]),
    (Topic::Webhook, &["webhook", "endpoint"]),
    (
        Topic::Catalog,
        &[
            "product", "price", "pricing", "plans", "tiers", "catalog", "produkt", "preis", "tarif", "produto",
            "preço", "planos", "producto", "precio", "planes", "produit", "prix",
        ],
    ),
    (Topic::Keys, &["api key", "live key", "api-key", "schlüssel", "chave", "claves", "clave", "clés"]),
    (
        Topic::Env,
        &[
            "environment",
            "env file",
            ".env",
            "umgebungsvariable",
            "variáveis",
            "variables de entorno",
            "variables d'env",
            "configuration",
        ],
    ),
    (
        Topic::Monitoring,
        &[
            "monitor",
            "alert",
            "after launch",
            "post-launch",
            "overwach",
            "überwach",
            "nach dem start",
            "monitoramento",
            "monitoreo",
            "monitorización",
            "surveillance",
        ],
    ),
];

/// What a heading is about, if it says so.
pub fn topic(heading: &str) -> Option<Topic> {
    let lower = plain(heading);
    TOPICS.iter().find(|(_, words)| any(&lower, words)).map(|(topic, _)| *topic)
}

/// A text in lower case without the words that hold another: production is no product.
pub fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    ["production", "produção", "producción", "produktion", "produktiv"]
        .iter()
        .fold(lower, |text, word| text.replace(word, "live"))
}

/// Whether a text in lower case holds one of these.
pub fn any(lower: &str, words: &[&str]) -> bool {
    words.iter().any(|word| lower.contains(word))
}

/// When a phase is, by its heading.
pub fn when(heading: &str) -> Option<&'static str> {
    let lower = heading.to_lowercase();
    let before = [
        "pre-launch",
        "pre-deploy",
        "before",
        "prerequisite",
        "preparation",
        "vorbereitung",
        "vor dem",
        "voraussetzung",
        "antes",
        "preparação",
        "preparación",
        "requisitos",
        "avant",
    ];
    let after = [
        "post-launch",
        "post-deploy",
        "after",
        "monitor",
        "first week",
        "first 24",
        "week 1",
        "ongoing",
        "maintenance",
        "next steps",
        "nach dem",
        "überwach",
        "depois",
        "após",
        "después",
        "después",
        "monitore",
        "après",
    ];
    if any(&lower, &after) {
        Some("after")
    } else if any(&lower, &before) {
        Some("before")
    } else {
        None
    }
}

/// Whether a line leaves a choice.
pub fn is_optional(text: &str) -> bool {
    any(
        &text.to_lowercase(),
        &[
            "(optional",
            "optional:",
            "if needed",
            "if applicable",
            "if used",
            "recommended",
            "falls nötig",
            "opcional",
            "se necessário",
            "si procede",
            "si es necesario",
        ],
    )
}

/// Whether a text says that a value is made anew.
pub fn is_generated(text: &str) -> bool {
    any(
        &text.to_lowercase(),
        &[
            "generate",
            "new-production",
            "new secret",
            "random",
            "generier",
            "erzeug",
            "gerar",
            "gere ",
            "generar",
            "genera ",
            "générer",
        ],
    )
}

/// A heading or a line as a title: without numbering, ticks and pictures, marks and a colon at its end.
pub fn title(text: &str) -> String {
    let text = text.replace("\u{fe0f}\u{20e3}", ".");
    let mut rest = text.trim();
    loop {
        let before = rest;
        rest = rest.trim_start_matches(|c: char| {
            !c.is_alphanumeric()
                && !matches!(c, '`' | '"' | '\'' | '(' | '“' | '„' | '/' | '<' | '.' | '$' | '€' | '£' | '¿')
        });
        rest = numbering(rest).unwrap_or(rest).trim_start();
        if rest == before {
            break;
        }
    }
    let plain: String = rest.chars().filter(|c| !matches!(c, '*' | '`')).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.trim_end_matches([':', '.', ',', ';', ' ']).to_owned()
}

/// What follows `1.`, `1.2`, `A.`, `Step 3:`, `PHASE 2:`.
fn numbering(text: &str) -> Option<&str> {
    let words =
        ["step ", "phase ", "part ", "schritt ", "teil ", "passo ", "etapa ", "fase ", "paso ", "étape ", "check "];
    let lower = text.to_lowercase();
    let worded = words.iter().find(|word| lower.starts_with(*word)).map(|word| word.len());
    if let Some(rest) = worded.and_then(|at| text.get(at..)) {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = digits.trim_start();
        let marked = digits.len() < rest.len() && after.starts_with([':', '-', '–', '—', '.', ')']);
        return marked.then(|| after.trim_start_matches([':', '-', '–', '—', '.', ')', ' ']));
    }
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if digits.len() < text.len() && text.starts_with(|c: char| c.is_ascii_digit()) {
        let number = &text[..text.len() - digits.len()];
        if number.len() <= 6
            && (number.contains('.') || digits.starts_with(')'))
            && digits.starts_with([' ', ')', '\u{a0}'])
        {
            return Some(digits.trim_start_matches(')'));
        }
        return None;
    }
    let mut letters = text.chars();
    let lettered = letters.next().is_some_and(|c| c.is_ascii_uppercase()) && matches!(letters.next(), Some('.' | ')'));
    (lettered && letters.as_str().starts_with(' ')).then_some(letters.as_str())
}

/// `label: value`, where the label is a few words.
pub fn labelled(text: &str) -> Option<(String, String)> {
    let (label, value) = text.split_once([':', '：'])?;
    let short = label.split_whitespace().count() <= 7 && !label.contains("//") && !value.starts_with("//");
    short.then(|| (title(label).to_lowercase(), value.trim().to_owned()))
}

/// A value without its quotes and what is said in brackets behind it.
pub fn bare(value: &str) -> String {
    let value = value.trim().trim_matches('*').trim();
    for (open, close) in [('`', '`'), ('"', '"'), ('“', '”'), ('„', '“')] {
        if let Some((inside, _)) = value.strip_prefix(open).and_then(|rest| rest.split_once(close)) {
            return inside.trim().to_owned();
        }
    }
    value.split(" (").next().unwrap_or(value).trim_end_matches('.').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Topic, bare, labelled, title, topic};

    #[test]
    fn headings_say_what_they_are_about_in_several_languages() {
        for (heading, about) in [
            ("### 5. Set Up Live Webhook Endpoint", Some(Topic::Webhook)),
            ("Rollback Plan", Some(Topic::Rollback)),
            ("Preise und Tarife", Some(Topic::Catalog)),
            ("Variáveis de ambiente", Some(Topic::Env)),
            ("Resolución de problemas", Some(Topic::Trouble)),
            ("Launch day", None),
        ] {
            assert_eq!(topic(heading), about, "{heading}");
        }
    }

    #[test]
    fn a_title_has_no_numbering_and_no_pictures() {
        for (text, clean) in [
            ("🔧 REQUIRED ACTIONS:", "REQUIRED ACTIONS"),
            ("1.2 Configure **Webhook** Endpoint", "Configure Webhook Endpoint"),
            ("PHASE 3: Post-Deployment", "Post-Deployment"),
            ("Step 1: Deploy `app.py`.", "Deploy app.py"),
            ("A. Get Live API Keys", "Get Live API Keys"),
            ("24 hours later", "24 hours later"),
            ("3.5% fee", "3.5% fee"),
        ] {
            assert_eq!(title(text), clean);
        }
    }

    #[test]
    fn labels_and_values_come_apart() {
        assert_eq!(labelled("**Name**: `MiniPass Pro`"), Some(("name".into(), "`MiniPass Pro`".into())));
        assert_eq!(labelled("https://x.example/a"), None);
        assert_eq!(bare("\"CaixaHub Premium\" (or your product name)"), "CaixaHub Premium");
        assert_eq!(bare("**Yes**"), "Yes");
    }
}
