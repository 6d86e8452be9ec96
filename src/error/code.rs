//! Every error code, its one-line title and its explanation: the text of `golive explain`.
//!
//! Codes are stable: a number is never given a second meaning, and a retired one is not reused.
//! The hundreds follow the work: 01 checklist, 02 keys, 03 catalog, 04 webhook, 05 the account's
//! configuration, 06 env file, 07 the operator's own world, 08 proofs, 09 rollback, 10 state and
//! lock, 11 network, 12 the command line.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident $id:literal $title:literal $text:literal;)*) => {
        /// A stable error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $id)] $name,)*
        }

        impl Code {
            /// Every code, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as printed, `GL0204`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// One line: what it is about.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// Why it matters and what to do, in a few sentences.
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    ChecklistSyntax "GL0101" "the checklist is not valid TOML"
        "A checklist is a TOML file. The place where reading stopped is marked in the error. Common causes: a missing quote, a missing comma between the entries of a list, a table header without its second bracket.";
    ChecklistMissing "GL0102" "there is no checklist"
        "golive looks for `golive.toml` in the folder you are in and the folders above it. `golive checklist list` shows the bundled ones; `--checklist NAME` uses one as it is, and `golive checklist show NAME > golive.toml` makes it yours.";
    UnknownField "GL0103" "the checklist has a field that golive does not know"
        "A misspelt field would otherwise be ignored in silence, and the step it belongs to would not do what you meant. `golive checklist schema` prints every field; editors read it through a `#:schema` line.";
    MissingField "GL0104" "the checklist lacks a required field"
        "The item's kind cannot work without this field. `golive checklist show minipass` shows every kind in use.";
    BadValue "GL0105" "a value in the checklist is of the wrong type or shape"
        "The message says what was found and what is wanted there.";
    UnknownKind "GL0106" "the checklist names an item kind that does not exist"
        "The kind decides what golive does for an item. `golive checklist schema` lists all of them.";
    BadAmount "GL0107" "an amount cannot be understood"
        "Amounts are money, not minor units: digits, a point, and the currency code, as in `29.00 EUR`. Currencies without minor units take none (`500 JPY`); golive refuses to round, because a price of 20.005 is a mistake somewhere.";
    BadReference "GL0108" "a `${…}` reference leads nowhere"
        "A reference names a phase, an item and one of its outputs, as in `${catalog.pro.prices.pro_monthly.id}`, or a variable, as in `${vars.host}`. References that go in a circle cannot be resolved at all.";
    DuplicateId "GL0109" "two things in the checklist have the same name"
        "Phase ids, item ids, lookup keys and env variables must each be unique: results are kept under their names.";
    UnknownItem "GL0110" "there is no such item"
        "Items are addressed as `phase.item`. `golive status --all` lists them.";
    DocumentUnread "GL0111" "the document cannot be read"
        "`golive import markdown` reads texts: Markdown, plain text, HTML, in UTF-8 or UTF-16, up to 32 MiB. Export your document as one of these; a PDF or a word processor's file is none.";

    KeyShape "GL0201" "this does not look like a Stripe key"
        "Secret keys start with `sk_live_` or `sk_test_`, restricted keys with `rk_`, publishable keys with `pk_`. Copy the key again with the copy button of the Dashboard; a key that was shown shortened with dots is not the key.";
    KeyWrongRole "GL0202" "a key of the other sort belongs here"
        "The secret key stays on the server; the publishable key goes to the browser. Exchanged, one leaks and the other cannot work.";
    KeyMissing "GL0203" "no key is at hand"
        "golive takes keys from a prompt, from `--key-file`, from `GOLIVE_LIVE_KEY` and `GOLIVE_LIVE_PUBLISHABLE_KEY` (`GOLIVE_TEST_…` in test mode), or from the env file it manages; never from a flag.";
    KeyWrongMode "GL0204" "the key belongs to the other mode"
        "Keys carry their mode in their name. A test key in a live run would prove nothing, a live key in a test run would touch real money; golive refuses both before anything is sent.";
    KeyRevoked "GL0205" "Stripe does not accept the key"
        "The key was deleted, rolled or expired, or a character is missing. Stripe shows a live secret key only once: if it is lost, roll it in the Dashboard and paste the new one.";
    KeyAccount "GL0206" "the keys belong to different accounts"
        "Every key of a launch must belong to one account, and to the account this launch began with. Look at the account name at the top left of the Dashboard before copying a key.";
    KeyOrganisation "GL0207" "an organisation key cannot be used here"
        "Keys that start with `sk_org_` belong to an organisation of accounts and need more context on every request. Use a key of the one account that goes live.";
    KeyDecoration "GL0208" "the key carries something that is not part of it"
        "Quotes, spaces, line ends or an `export X=` around a key break requests and signatures in ways that are hard to see. golive removes them where it is safe, and says so.";
    Permission "GL0211" "the key lacks a permission"
        "Restricted keys grant rights one by one. Edit the key in the Dashboard, add the named permission and save; the key itself stays the same, so there is nothing to paste again.";
    AccountCannotCharge "GL0221" "the account cannot take live charges yet"
        "Stripe takes payments only after the account is activated: business details, identity, bank account. Everything else can be prepared meanwhile, but customers could not pay.";
    AccountCannotPayout "GL0222" "the account cannot be paid out"
        "Money would arrive at Stripe and stay there. Add a bank account and settle what the Dashboard asks for.";
    AccountIncomplete "GL0223" "the account's public details are incomplete"
        "A statement descriptor and support contact that customers recognise prevent disputes; a business name is needed for Checkout.";

    PriceOnOtherProduct "GL0301" "a lookup key belongs to another product's price"
        "A lookup key names exactly one price of an account. golive does not take it away from another product: that product may be on sale. Rename the key in the checklist, or point the item at that product with `product_id`.";
    CatalogAmbiguous "GL0302" "several objects in Stripe could be the one that is meant"
        "golive adopts what exists, but never guesses between two. Archive the one that is wrong, or name the right one with `product_id`.";
    PriceInactive "GL0303" "a price or its product is archived"
        "Archived prices cannot be bought. golive can switch it on again.";
    CatalogRefused "GL0304" "Stripe refused a change to the catalog"
        "The message is Stripe's own. Nothing else of the plan was lost: run the same command again after correcting it.";
    CouponDiffers "GL0305" "a coupon of this id gives another discount"
        "What a coupon takes off, for how long and on what, is final in Stripe, and an id that was used stays taken. golive does not delete the old one: customers may have it. Give the new coupon another id, or write the discount that the old one has.";
    CouponSpent "GL0306" "a coupon cannot be used any more"
        "Its last day is over, or it was used as often as it may be. Stripe changes neither; a new coupon needs another id.";
    PromotionCodeTaken "GL0307" "a promotion code belongs to another coupon"
        "Of several codes with one text only one is active, and this one was made by somebody else, for another coupon. Customers may be using it, so golive does not take it away: write another code, or switch the other one off in the Dashboard.";
    MeterDiffers "GL0308" "a meter of this event name counts in another way"
        "How a meter counts is final in Stripe, and of one event name only one meter is active. Prices and subscriptions may hang on the one that is there, so golive does not switch it off: give the new meter another event name, or switch the old one off in the Dashboard.";
    FeatureArchived "GL0309" "an entitlement feature is archived"
        "Stripe archives features for good, and the lookup key of an archived one stays taken. Give the new feature another lookup key, in the checklist and in the application that asks for it.";
    StripeRefused "GL0310" "Stripe refused a request"
        "The message is Stripe's own; the request id finds the request in the Dashboard under Developers, Logs.";

    WebhookUrl "GL0401" "the webhook URL cannot work"
        "Stripe calls the URL from the internet, over HTTPS in live mode, with a valid certificate. Local addresses and private networks cannot be reached.";
    WebhookDuplicate "GL0402" "the webhook endpoint exists twice"
        "Two endpoints with one URL deliver every event twice, signed with two different secrets; one of them always fails. Switch off the one you do not need in the Dashboard.";
    WebhookRedirect "GL0403" "the webhook URL redirects, and Stripe does not follow redirects"
        "To Stripe every 3xx answer is a failed delivery. Usual causes: `www`, a trailing slash, http instead of https. Register the final address.";
    WebhookLimit "GL0404" "the account has the 16 webhook endpoints that Stripe allows"
        "Delete or reuse one of them. Disabled endpoints count as well.";
    WebhookUnsigned "GL0405" "the webhook handler accepts events that Stripe did not sign"
        "Anybody on the internet could tell your application that an order was paid. Verify the `Stripe-Signature` header with the endpoint's signing secret before reading the event.";
    WebhookSecretWrong "GL0406" "the webhook handler refuses events signed with the endpoint's secret"
        "The deployed application holds another secret, has not been restarted since it was written, or changes the raw body before it is verified.";
    WebhookBlocked "GL0407" "something stands in front of the webhook handler"
        "A login page, a firewall, a bot check or a maintenance page answers in place of your application. Exempt the webhook's path.";
    WebhookNotFound "GL0408" "the webhook URL has no handler"
        "The path answers 404 or 405: the route is not deployed, or does not take POST.";
    WebhookSecretLost "GL0409" "the signing secret of the webhook endpoint is not known"
        "Stripe shows the secret in full once, when the endpoint is created by API; later it can be revealed in the Dashboard. golive asks for it and proves it.";
    WebhookDisabled "GL0410" "the webhook endpoint is disabled"
        "Stripe disables endpoints that fail for days, and so can anybody in the Dashboard. A disabled endpoint gets no events.";
    WebhookBodyParsed "GL0421" "the webhook handler verifies another body than the one that came"
        "A signature is over the bytes as they were sent. A body parser in front of the handler (express.json(), request.get_json()) turns them into an object, and writing that out again gives other bytes. Hand the raw body to the verification: express.raw({type: 'application/json'}) for this route, request.data in Flask, request.body in Django.";
    WebhookFails "GL0422" "the webhook handler breaks"
        "It answers 5xx whatever it is sent, so every delivery fails and Stripe tries again for days. The cause stands in the application's own log.";

    PortalMissing "GL0501" "the account has no customer portal settings"
        "The account's default portal configuration comes into being when somebody saves the portal's settings in the Dashboard, once for test mode and once for live mode; the API cannot create it. Until then, opening the portal without naming a configuration ends with an error.";
    PortalPrices "GL0502" "the customer portal cannot offer these prices"
        "A portal offers recurring, active prices of its own mode and of the product they stand under, and of each product at most one for a billing interval. Ids of test mode do not exist in live mode: refer to the catalog of the checklist instead of writing ids.";
    PortalUrl "GL0503" "customers cannot reach an address of the portal"
        "Addresses such as `localhost` exist on one computer only. Customers who leave the portal, or read the terms, must be able to reach them.";

    MethodsMissing "GL0504" "there is no such payment method configuration"
        "Every account has a default configuration of payment methods; more can be made in the Dashboard. The message names those that exist.";
    MethodUnavailable "GL0505" "a payment method cannot be offered as it should"
        "A method is shown to customers when it is switched on and Stripe has approved it for the account. Live mode is approved apart from test mode, so that what worked in test may be missing in live. golive switches it; approval is applied for in the Dashboard.";
    WalletInactive "GL0506" "a wallet is not active on the domain"
        "Apple Pay, Google Pay and Link show their button only on registered domains that Stripe could verify, each host name for itself, `www` included. The reason is Stripe's own. Test mode calls every domain active, so only live mode proves anything.";
    TaxPending "GL0507" "Stripe Tax is not set up as it should be"
        "Without a head office Stripe Tax cannot calculate, and every checkout with automatic tax is refused. The settings belong to the Dashboard.";
    TaxUnregistered "GL0508" "no tax is collected where it should be"
        "Stripe Tax calculates tax only where the account is registered, and silently 0 elsewhere. A registration is a legal statement that you are registered with the authority: golive looks for it and never makes one.";
    ChangeIgnored "GL0509" "Stripe took a change, and shows the old value"
        "The change was answered with success, and looking again brings what was there before. Either somebody changed it back in the same moment, or Stripe writes the value in another way than the checklist. golive does not send the same change again and again.";

    EnvTracked "GL0601" "git tracks the env file"
        "A secret written to a tracked file is a secret in the history for ever. Take it out of git (`git rm --cached FILE`), ignore it, and rotate any live key it held.";
    EnvDuplicate "GL0602" "a variable stands twice in the env file"
        "Which of the two counts depends on the program that reads the file. golive will not guess; remove one.";
    EnvRoundTrip "GL0603" "a value would not survive being read back from the env file"
        "Readers of env files differ in quotes, dollar signs and line ends. golive reads back what it writes and refuses a value that would come out different.";
    EnvMissing "GL0604" "the env file lacks a variable"
        "The application would start without it, or not at all.";
    EnvValue "GL0605" "a variable in the env file has the wrong value"
        "The message says which rule it breaks: a test value in a live file, a placeholder, another prefix, another id than the one in Stripe.";
    EnvSyntax "GL0606" "a line of the env file cannot be read"
        "A line is `NAME=value`, a comment, or empty. The line is named in the message; golive changes no file it cannot read back.";
    EnvMoved "GL0607" "the env file changed while golive was about to write it"
        "Somebody or something else wrote the file after the difference was shown. Nothing was written; run the same command again.";
    OutsideFolder "GL0608" "a link leads out of the launch's folder"
        "A repository can hold a link in the place of the env file or of `.golive`, and what golive writes would land wherever it leads. golive writes through such a link only when you name the place: `--answer env_file=PATH`.";

    CommandFailed "GL0701" "a command did not end as expected"
        "The command ran and its exit code or output is not what the checklist expects. Its output is shown above, without secrets.";
    CommandUnknown "GL0702" "a command was started and its end was not seen"
        "golive never runs such a command again by itself, because running it twice may do harm. See whether it did its work, then `golive done ITEM` or `golive reopen ITEM`.";
    CommandsNotAllowed "GL0703" "the checklist's commands have not been allowed on this computer"
        "A checklist can run programs. The first time, golive shows them all and asks; unattended runs need `--allow-commands`.";
    HttpFailed "GL0711" "the page does not answer as expected"
        "The message names status, header or text that was found and the one that was wanted.";
    HostUnreachable "GL0712" "the host cannot be reached"
        "The name does not resolve, or nothing listens there. Stripe and your customers could not reach it either.";
    TlsFailed "GL0713" "the certificate is not good"
        "Expired, for another name, or sent without its intermediate certificate. Browsers often repair the last one silently; Stripe does not.";
    LoginWall "GL0714" "a login stands in front of the page"
        "The page answers with a login, or sends everybody to one. What customers must see may not be behind one; what is for you alone can be asked with a token: `bearer` names a variable of the env file, or a question.";
    RemoteUnreachable "GL0715" "the server of a remote command cannot be reached"
        "golive runs such a command by `ssh`, without a terminal and without asking for a password. Nothing was run: the server was not reached, or let nobody in. What works is what `ssh -o BatchMode=yes HOST true` does without a question.";
    LogUnreadable "GL0721" "the log cannot be read"
        "It is not there, may not be read, or is no text. A path is relative to the checklist's folder; a log on the server is read with `on`, and one of systemd's with `run`.";
    LogPattern "GL0722" "the log does not read as expected"
        "A text that must be in the log is not there, or one that must not be is. The last line that matches is shown, without secrets.";
    PortFailed "GL0724" "something else answers at the port than should"
        "A connection was made, and what listens there does not greet as the server that was expected: another program, a proxy, or one that refuses this computer. No login was tried.";
    MailNoTls "GL0731" "the mail server offers no TLS before the login"
        "golive never sends a password in clear. Ports: 587 begins in clear and changes with STARTTLS (`security = \"starttls\"`), 465 is TLS from the first byte (`security = \"tls\"`).";
    MailLogin "GL0732" "the mail server does not accept the login"
        "The user's name or the password of the env file is wrong, or the account needs a password of its own for programs, as those with two-step login do.";
    MailRefused "GL0733" "the mail server refuses what it was told"
        "The login was accepted, or none was asked for, and the server still refuses to take a mail from the sender or for the recipient. Nothing was sent.";
    ScanFound "GL0735" "the repository holds what it must not, or lacks what it must"
        "Each place is named by file and line, and a key is shown shortened. A live key that was ever committed stays in the history: roll it in the Dashboard, then take it out of the file.";
    ScanPlace "GL0736" "files cannot be searched as the checklist asks"
        "A path or a file that the rule is about is not there, nothing was read at all, or git does not know the folder. What was not read is not called clean.";

    HostSlow "GL0740" "a host takes too long to answer"
        "To Stripe a delivery without an answer in time is a failed one, and it comes again. Answer first and do the work afterwards: put it into a queue, or into a thread.";

    ProofFailed "GL0801" "a proof did not come out as it should"
        "The thing was tried for real and the result differs from what a launch needs.";
    DeliveryPending "GL0802" "an event has not reached every endpoint"
        "Stripe has not seen a 2xx answer from every endpoint that listens to the event. The Dashboard shows each attempt under Developers, Webhooks.";

    PurchaseMissing "GL0803" "no payment has come yet"
        "golive watches for a genuine purchase and has seen none. It never buys by itself: Stripe's agreement forbids testing with real cards in live mode. If somebody did buy, the shop works with the keys of another account or mode. `golive wizard` goes on watching from the moment at which it began, so nothing is missed meanwhile.";
    PurchaseOther "GL0804" "something else was bought than the checklist names"
        "The purchase was paid, but with another price. Either a customer bought something else, or the application offers an old or wrong price id: compare its variables with the env file.";
    PurchaseCurrency "GL0805" "a purchase was paid in another currency"
        "The checklist's price is in one currency and the purchase in another. Usual causes: a price id of another product or country in the application, or a price of an earlier attempt.";
    PurchaseDeclined "GL0806" "a payment was declined"
        "The bank of the buyer said no; Stripe's reason is quoted. Nothing was charged. golive keeps waiting for a payment that succeeds.";
    PurchaseUnpaid "GL0807" "a checkout is complete and not paid"
        "Some ways to pay take days. The checkout is complete, but the money has not arrived yet; look again when it has.";
    PurchaseUnknownToApp "GL0808" "the application does not know of a purchase"
        "Stripe was paid and delivered the event, and the application's own proof does not show it. Usual causes: the handler answers 200 before or without fulfilling; metadata that the handler looks for is missing; ids of test mode in the code or in the database. The event can be resent from the Dashboard after correcting it.";
    PurchaseMode "GL0809" "an object of a purchase is of the other mode"
        "A live launch needs live objects. Keys of both modes are mixed in the application.";
    DeliveryNoListener "GL0810" "no endpoint listens to an event"
        "The event happened, and Stripe had nobody to tell: no endpoint that is switched on has it in its list. Add the event to the endpoint, or switch the endpoint on.";

    RefundNoPayment "GL0811" "there is no such payment to refund"
        "The payment is not in this account and mode, or was never completed. Payments of test mode cannot be refunded with a live key, nor the other way round.";
    RefundTooLarge "GL0812" "the refund is larger than what is left of the payment"
        "A payment can be refunded in parts, up to what was paid. What earlier refunds took is gone from it.";
    RefundTwice "GL0813" "the payment is refunded already"
        "Nothing of it is left. golive refunds an item's payment once, however often it is run; a second refund would have to be a second payment.";
    RefundDisputed "GL0814" "the payment is disputed"
        "A disputed payment cannot be refunded: the bank has taken the money back already. Answer the dispute in the Dashboard, or accept it.";
    RefundCurrency "GL0815" "the refund is in another currency than the payment"
        "A refund is always in the currency of the payment. Correct the amount in the checklist.";
    RefundFailed "GL0816" "the refund failed"
        "Stripe took the refund, and the bank sent it back; the reason is quoted. The money is in the Stripe balance again: arrange another way with the customer.";

    EventsUndelivered "GL0821" "deliveries fail more often than allowed"
        "Endpoints have not taken events that Stripe sent them. The Dashboard shows each attempt and what the application answered.";
    EventsPaymentsFail "GL0822" "payments fail more often than allowed"
        "Some declines are normal. Many at once come from a wrong integration, from card testing by strangers, or from a Radar rule that blocks good customers.";
    EventsDisputes "GL0823" "there are more disputes than allowed"
        "Answer each dispute in the Dashboard before its deadline. A statement descriptor that customers recognise prevents most of them.";
    EventsFraud "GL0824" "there are more early fraud warnings than allowed"
        "The card networks believe that these payments are fraudulent. Refund them before they become disputes, and look at Radar's rules.";
    EventsUnseen "GL0825" "an event that was expected has not happened"
        "Nothing of this type happened in the time that was looked at. Either nobody did what causes it, or the application does not do it.";

    RolledBack "GL0901" "this was undone by a rollback"
        "`golive rollback` took back what this item stood on: its object in Stripe was closed, the env file was restored, or another item that it needs was undone. Nothing is lost: `golive wizard` brings it back, with the same objects.";
    RollbackBackup "GL0902" "the env file's backup is gone"
        "golive keeps the env file as it was before the launch in `.golive/backups`. Without that copy it cannot be put back, and golive does not make one up. Write the test keys into the env file yourself, or restore the copy from elsewhere, then run the rollback again.";
    RollbackEdited "GL0903" "the env file was edited by hand since the launch wrote it"
        "Restoring the backup would take these edits away. The present file is always kept in `.golive/backups`, and the edits can be copied from there; but golive asks first. `--answer rollback.env=restore` goes on, `--answer rollback.env=leave` leaves the file as it is.";
    RollbackLeft "GL0904" "a part of the rollback could not be done"
        "What could be undone is undone, and recorded. See why the rest was refused, then run `golive rollback` again: it goes on with what is left.";
    RollbackUnproved "GL0905" "test mode is not active again"
        "After a rollback the env file must not hold live keys any more. It does: the backup held them already, or the file was left as it is. Write the test keys into it, then restart the application.";

    StateNewer "GL1001" "the state file was written by a newer golive"
        "It can be shown, but not continued with this version. Install the newer golive.";
    StateDamaged "GL1002" "the state file is damaged"
        "A line in the middle of the journal cannot be read. golive never guesses what it said; the message names the line. Take it out or restore the file, and golive re-checks everything it can.";
    StateAccount "GL1003" "the state file belongs to another account"
        "This launch began with another Stripe account. Use its key, or begin a launch of its own with `--dir`.";
    Paused "GL1004" "paused"
        "Everything done so far is recorded. `golive wizard` continues.";
    QuestionOpen "GL1006" "this needs an answer, and there is no terminal to ask"
        "Give the answer with `--answer ID=VALUE`, or run the command in a terminal. golive never assumes an answer.";
    Locked "GL1007" "another golive is working on this run"
        "Two writers would plan against each other. Wait for it, or stop it there. `golive status` works meanwhile.";
    Confirmation "GL1008" "a change in live mode needs its confirmation"
        "Unattended, changes in live mode need `--confirm ACCOUNT` or a saved plan: `golive plan --out FILE`, then `golive apply FILE --yes`.";
    PlanStale "GL1009" "the saved plan is stale"
        "Something moved since the plan was made: the checklist, the account, or this run. Nothing was applied. Make a new plan and look at it.";
    ItemsRemain "GL1010" "items remain"
        "Some items are not finished. `golive status` lists them.";
    NotAPerson "GL1011" "this item cannot be settled that way"
        "`golive done` is for items a person settles; what golive can check, it checks. Use `golive skip ITEM --reason …` to leave an item out knowingly.";
    OutcomeUnknown "GL1012" "a write has no known outcome"
        "A request was sent and no answer came. golive looks it up before doing anything else: run the same command again.";

    Drifted "GL1013" "something changed since it was done"
        "golive saw this hold once, and it does not any more: somebody or something changed it in Stripe, in the env file or in the checklist. `golive plan` shows what would bring it back, `golive wizard` does it.";

    DrillUnnoticed "GL1014" "nothing named the trouble of a drill"
        "A drill puts trouble into a rehearsal and waits for golive to name it. The checklist came to its end, or could not go on, before any of its items looked where the trouble is. On the day nothing would have told you either: a probe of the webhook handler, a delivery proof and a watched purchase are what sees most.";

    NotWritable "GL1021" "a file or folder cannot be written"
        "golive keeps its state beside the checklist and must be able to write there.";
    DiskFull "GL1022" "the disk is full"
        "golive writes everything to disk before it acts, so nothing was half done.";
    Io "GL1023" "a file could not be read or written"
        "The message carries the operating system's own words.";

    Unreachable "GL1101" "Stripe cannot be reached"
        "No answer after several tries. Nothing was assumed: what could not be looked at is shown as unknown. https://status.stripe.com shows Stripe's side.";
    StripeTrouble "GL1102" "Stripe answered with an error of its own"
        "Answers of 500 and above are Stripe's trouble, not yours. The request is settled before anything else when you run the same command again.";
    Unreadable "GL1103" "an answer from Stripe could not be read"
        "Something between this computer and Stripe (a proxy, a captive portal) answered in its place, or Stripe's answer has a new shape.";
    RateLimited "GL1104" "Stripe limits the rate of requests"
        "golive slows down by itself; this appears only when other programs use up the same account's limit.";

    Usage "GL1201" "the command line cannot be understood"
        "`golive help COMMAND` shows its options.";
    ApiBase "GL1202" "`GOLIVE_API_BASE` may only name a loopback address"
        "A live key can never be pointed at another host than Stripe's. The variable is for the simulator: `golive sandbox` prints its address.";
    Proxy "GL1203" "the proxy that `HTTPS_PROXY` names cannot be used"
        "Stripe is reached through a proxy by HTTP CONNECT: the proxy sees the name of Stripe's host and nothing else. It is named as `http://HOST:PORT`, with a login as `http://USER:PASSWORD@HOST:PORT`. `NO_PROXY=api.stripe.com` goes without it. The hosts of your own that golive probes are always reached directly.";
    Internal "GL1299" "golive made a mistake"
        "This should not happen. Please report what is printed above; it holds no secrets.";
}

impl Code {
    /// Finds a code by its printed form, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(text))
    }
}

impl Code {
    /// Whether it is about a host of the operator's that customers and Stripe could not reach either:
    /// then a look that brought nothing back is a failure.
    pub const fn is_hosts_own(self) -> bool {
        matches!(self, Self::HostUnreachable | Self::HostSlow | Self::TlsFailed)
    }

    /// Whether an item with this problem ends an unattended run with "refused for safety": the key
    /// or the account is not the one it must be.
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::KeyShape
                | Self::KeyWrongRole
                | Self::KeyWrongMode
                | Self::KeyRevoked
                | Self::KeyAccount
                | Self::KeyOrganisation
                | Self::Permission
                | Self::StateAccount
                | Self::EnvTracked
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn numbers_rise_so_that_none_is_given_twice() {
        let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!(Code::parse("gl0204"), Some(Code::KeyWrongMode));
        assert_eq!(Code::parse("GL9999"), None);
    }
}
