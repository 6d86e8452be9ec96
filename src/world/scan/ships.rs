//! What leaves this computer although git ignores it: a build's output, and what a `COPY .` puts into
//! an image because `.dockerignore` does not leave it out.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::step::Ships;

/// Folders that builds write, and that deployments take.
const BUILDS: [&str; 13] = [
    "dist",
    "build",
    "out",
    "public",
    "static",
    "www",
    "wwwroot",
    "_site",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".vercel",
];

/// What takes files of a folder along.
pub(super) struct Shipping {
    /// The file that copies the whole folder into an image, and what `.dockerignore` leaves out.
    image: Option<(String, Gitignore)>,
}

impl Shipping {
    pub(super) fn of(dir: &Path) -> Self {
        let names = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let mut names: Vec<String> = names.filter_map(|name| name.into_string().ok()).collect();
        names.sort();
        let is_recipe = |name: &&String| ["Dockerfile", "Containerfile"].iter().any(|start| name.starts_with(start));
        let copies = |name: &&String| text_of(&dir.join(name)).is_some_and(|text| copies_everything(&text));
        let recipe = names.iter().filter(is_recipe).find(copies);
        Self { image: recipe.map(|name| (name.clone(), left_out(dir))) }
    }

    /// What takes a file along, by its path in the folder.
    pub(super) fn takes(&self, file: &Path) -> Option<Ships> {
        let folders = file.parent().into_iter().flat_map(Path::iter);
        let build = folders.filter_map(|part| part.to_str()).find(|part| BUILDS.contains(part));
        if let Some(build) = build {
            return Some(Ships::Build(build.to_owned()));
        }
        let (recipe, left_out) = self.image.as_ref()?;
        let kept = file.is_relative() && !left_out.matched_path_or_any_parents(file, false).is_ignore();
        kept.then(|| Ships::Image(recipe.clone()))
    }
}

/// A file of a repository as text: a link to a device is none, and what is larger is no recipe.
fn text_of(path: &Path) -> Option<String> {
    let mut text = String::new();
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    File::open(path).ok()?.take(1 << 20).read_to_string(&mut text).ok()?;
    Some(text)
}

/// `COPY . .` and `ADD ./ /app`, with flags or without. A stage that copies from another one does not count.
fn copies_everything(recipe: &str) -> bool {
    recipe.lines().any(|line| {
        let mut words = line.split_whitespace();
        let instruction = words.next().unwrap_or_default();
        let from_here = ["COPY", "ADD"].iter().any(|name| instruction.eq_ignore_ascii_case(name));
        let words: Vec<&str> = words.collect();
        let flags = words.iter().take_while(|word| word.starts_with("--")).count();
        let elsewhere = words[..flags].iter().any(|flag| flag.starts_with("--from="));
        let sources = words[flags..].split_last().map_or(&[][..], |(_, sources)| sources);
        from_here && !elsewhere && sources.iter().any(|source| [".", "./", "*", "./*"].contains(source))
    })
}

/// `.dockerignore`. Unlike git's, its patterns begin at the top.
fn left_out(dir: &Path) -> Gitignore {
    let text = text_of(&dir.join(".dockerignore")).unwrap_or_default();
    let mut builder = GitignoreBuilder::new(dir);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (not, pattern) = line.strip_prefix('!').map_or(("", line), |pattern| ("!", pattern.trim()));
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        let top = if pattern.starts_with("**") { "" } else { "/" };
        // A pattern that is none leaves nothing out, as with Docker itself, which then refuses to build.
        let _ = builder.add_line(None, &format!("{not}{top}{pattern}"));
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::{Shipping, Ships, copies_everything};
    use std::path::Path;

    #[test]
    fn a_copy_of_the_whole_folder_is_told_from_others() {
        for all in ["COPY . .", "copy --chown=app:app ./ /app/", "FROM x\n  ADD . /srv"] {
            assert!(copies_everything(all), "{all}");
        }
        for some in ["COPY package.json .", "COPY --from=build . .", "# COPY . .", "RUN cp . /app", "COPY ."] {
            assert!(!copies_everything(some), "{some}");
        }
    }

    #[test]
    fn an_image_takes_what_is_not_left_out_and_a_build_is_shipped() {
        let dir = tempfile::tempdir().unwrap();
        let ships = |file: &str| Shipping::of(dir.path()).takes(Path::new(file));
        assert_eq!(ships(".env"), None, "there is no image");
        assert_eq!(ships("web/dist/app.js"), Some(Ships::Build("dist".into())));
        assert_eq!(ships("dist"), None, "a file of that name is no folder");
        std::fs::write(dir.path().join("Dockerfile.prod"), "FROM python\nCOPY . /app\n").unwrap();
        assert_eq!(ships(".env"), Some(Ships::Image("Dockerfile.prod".into())));
        std::fs::write(dir.path().join(".dockerignore"), "# kept out\n.env*\n!.env.example\n**/*.pem\n").unwrap();
        assert_eq!(ships(".env.production"), None);
        assert_eq!(ships("certs/live.pem"), None);
        assert!(ships(".env.example").is_some());
        assert!(ships("web/.env").is_some(), "its patterns begin at the top");
    }
}
