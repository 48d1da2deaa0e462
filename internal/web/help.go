package web

import (
	"github.com/openprecinct/precinct/internal/fault"
	"github.com/openprecinct/precinct/internal/permit"
)

// topic is one page of the help. Its texts are sentences of the catalogue.
type topic struct {
	key, icon   string
	title, lead string
	parts       []topicPart
}

type topicPart struct {
	title string
	text  []string
	steps []string // what to do, one thing a line
}

var topics = []topic{
	{
		key: "signing-in", icon: "finger", title: "Signing in",
		lead: "You sign in with a passkey: your fingerprint, your face, the lock of your phone, or a security key. There is no password to forget or to steal.",
		parts: []topicPart{
			{title: "The first time", steps: []string{
				"Open the invitation from your e-mail on the device you use most.",
				"Make a passkey when the page asks for it. Your device keeps it; we never see your fingerprint.",
				"Write down or print the recovery codes and keep them where you keep important papers.",
				"Add a second passkey, for example on your phone, so that one lost device does not lock you out.",
			}},
			{title: "Without a passkey", text: []string{
				"You can sign in with a password and a six-digit code from an app on your phone. Both are needed, every time.",
				"If you lose everything, a recovery code lets you in once. Each code works one time.",
			}},
			{title: "How long you stay signed in", text: []string{
				"You are signed out after one hour without doing anything, and after twelve hours in any case. What you saved stays saved.",
				"Some things can do harm: exporting, changing roles, ending access. For these we ask for your passkey again when you last showed it more than half an hour ago.",
			}},
		},
	},
	{
		key: "looking-up", icon: "search", title: "Looking up a person",
		lead: "Type what you know into the search field: a name, an address, a phone number, or the number from the voter file. Press / to get there from anywhere.",
		parts: []topicPart{
			{title: "It forgives", text: []string{
				"The order does not matter, small typing mistakes do not matter, and accents do not matter: “nunez rosa” finds Rosa Núñez.",
				"Add a street, a town or an age when there are too many people of the same name.",
			}},
			{title: "What you find", text: []string{
				"The record shows the registration, the districts, in which elections the person voted, the household and how the person may be reached.",
				"How somebody voted is secret. It is on no file, and nobody here can find it out.",
				"A person who asked not to be called, texted or visited is marked so. That mark is not advice; it holds.",
			}},
		},
	},
	{
		key: "importing", icon: "upload", title: "Importing a voter file",
		lead: "You give us the state’s file as it came. Nothing changes until you have seen what would change.",
		parts: []topicPart{
			{title: "In four steps", steps: []string{
				"Choose the file. We read its columns and say which state’s layout it is.",
				"Check how the columns were understood. For a layout we do not know, you say what each column means, once.",
				"Read the rehearsal: how many people are new, moved, changed or gone, and which rows we cannot read.",
				"Load it. It is all or nothing: if it is stopped half-way, the old file is still there, whole.",
			}},
			{title: "When something looks wrong", text: []string{
				"If far more people than usual would disappear, the import stops and asks. A cut-off file looks exactly like that.",
				"A person who is missing from a new file is never deleted. The record says on which date the person left the file.",
				"You can leave the page while it works. The progress is still there when you come back.",
			}},
		},
	},
	{
		key: "who-sees-what", icon: "people", title: "Who can see what",
		lead: "You act for one organization at a time, in one role. The role decides what you see and what you can do. What you may not see is not on the page at all.",
		parts: []topicPart{
			{title: "Roles end by themselves", text: []string{
				"Every role has a last day. Shortly before it, an administrator of your organization can extend it.",
				"When a role is taken away, it is gone with your next click.",
			}},
			{title: "What belongs to whom", text: []string{
				"The voter file belongs to the table that licensed it. Notes, answers and lists belong to the organization that made them; others see them only if it shares them.",
				"Voters whose address is confidential by law, and people under 18 who are registered in advance, are hidden from everybody who does not need them.",
			}},
			{title: "You need more", text: []string{
				"When a page refuses you, it says which right it needs, which role you have and who can change it. Ask that person.",
			}},
		},
	},
	{
		key: "recorded", icon: "eye", title: "This look is recorded",
		lead: "Every time somebody opens a person’s record, the ledger keeps who it was, when, and for which purpose. That protects the voters, and it protects you.",
		parts: []topicPart{
			{title: "What is recorded", text: []string{
				"Looks at a record, searches that were saved, imports, exports, changes, sign-ins, and every change of who may do what.",
				"The ledger can only grow. Each entry is sealed with all entries before it, so a changed or missing one can be proved.",
			}},
			{title: "What is not recorded", text: []string{
				"We do not count how fast you work, and no other company learns that you were here: this site loads nothing from anywhere else.",
			}},
			{title: "Who reads it", text: []string{
				"Those who oversee data use in your organization. If a look of yours was a mistake, nothing bad happens; tell them.",
			}},
		},
	},
}

// ownRoutes are the pages every site has. Help lies inside each organisation too, so that the navigation stays.
func (s *Server) ownRoutes() []Route {
	all := []Route{
		{Method: "GET", Path: "/help", Permit: permit.Public, Handle: helpIndex},
		{Method: "GET", Path: "/help/{topic}", Permit: permit.Public, Handle: helpTopic},
		{Method: "GET", Path: "/o/{org}/help", Permit: permit.SignedIn, Handle: helpIndex},
		{Method: "GET", Path: "/o/{org}/help/{topic}", Permit: permit.SignedIn, Handle: helpTopic},
	}
	if s.c.Site.Demo {
		all = append(all,
			Route{Method: "GET", Path: "/components", Permit: permit.Public, Handle: components},
			Route{Method: "GET", Path: "/o/{org}/components", Permit: permit.SignedIn, Handle: components})
	}
	return all
}

// helpPath is where the help is for this reader, at elem.
func (v *Visit) helpPath(elem ...string) string {
	p := "/help"
	if v.Actor.Org() != 0 {
		p = v.Path("help")
	}
	for _, e := range elem {
		p += "/" + e
	}
	return p
}

func helpIndex(v *Visit) error {
	h := Head{Title: v.T.T("Help"), Facts: v.T.T("Short answers to what people ask first.")}
	return v.Page(200, h, helpIndexPage(v))
}

func helpTopic(v *Visit) error {
	for _, t := range topics {
		if t.key == v.R.PathValue("topic") {
			h := Head{Title: v.T.T(t.title), Crumbs: []Crumb{{Title: v.T.T("Help"), Href: v.helpPath()}}}
			return v.Page(200, h, helpTopicPage(v, t))
		}
	}
	return fault.NotFoundf("There is nothing at this address.")
}
