//! An operator who is not there and hears nothing: for a watch, which tells by itself what matters.

use crate::engine::port::{Answer, News, Operator, Stop};
use crate::error::{Class, Code, Failure, Problem};
use crate::plan::Plan;
use crate::step::Question;

/// Nobody.
pub struct Silent;

impl Operator for Silent {
    fn ask(&mut self, id: &str, question: &Question) -> Result<Answer, Stop> {
        let problem = Problem::new(Code::QuestionOpen, format!("nobody is there to answer: {}", question.prompt))
            .why(format!("the question is `{id}`"))
            .fix("answer it: golive wizard");
        Err(Failure::new(Class::NeedsAnswer, problem).into())
    }

    fn consent(&mut self, _: &Plan) -> Result<bool, Stop> {
        Ok(false)
    }

    fn allow_commands(&mut self, _: &[(String, String)]) -> Result<bool, Stop> {
        Ok(false)
    }

    fn tell(&mut self, _: &News<'_>) {}

    fn attended(&self) -> bool {
        false
    }
}
