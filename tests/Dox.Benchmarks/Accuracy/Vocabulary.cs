namespace Dox.Benchmarks.Accuracy;

/// <summary>The words that generated documents of one language are made of.</summary>
internal sealed record Vocabulary(
    string Language, string[] Kinds, string[] Labels, string[] Columns, string[] Totals, string[] Sentences, string[] Footer, string[] Goods, string[] Names, string[] Streets,
    string[] Towns, string[] Months, char Decimal)
{
    private static readonly char[] Bar = ['|'];

    public static IReadOnlyList<Vocabulary> All { get; } =
    [
        new(
            "de", Split("Rechnung|Lieferschein|Auftragsbestätigung|Mahnung|Antrag|Gutschrift"),
            Split("Rechnungsnummer|Kundennummer|Datum|Lieferdatum|Bestellnummer|Ihr Zeichen|Ansprechpartner|Telefon|Steuernummer|Vertragsnummer|Leistungszeitraum|Zahlungsziel|Projekt|Lieferadresse|Auftragsnummer|USt-IdNr"),
            Split("Pos|Artikel|Bezeichnung|Menge|Einheit|Einzelpreis|Rabatt|Gesamtpreis|Gewicht|Lagerort"),
            Split("Nettobetrag|Umsatzsteuer|Gesamtbetrag|Zwischensumme|Versandkosten"),
            Split("Vielen Dank für Ihren Auftrag|Wir lieferten Ihnen wie vereinbart folgende Waren|Bitte überweisen Sie den Betrag ohne Abzug|Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum|Bitte prüfen Sie die Lieferung auf Vollständigkeit|Beanstandungen melden Sie innerhalb von acht Tagen|Bitte füllen Sie alle Felder in Blockschrift aus|Ich bestätige die Richtigkeit meiner Angaben|Es gelten unsere allgemeinen Geschäftsbedingungen|Bei Rückfragen stehen wir Ihnen gerne zur Verfügung"),
            Split("Geschäftsführer|Amtsgericht|Bankverbindung|Sparkasse|Handelsregister|Gerichtsstand|Steuernummer|Telefax"),
            Split("Schrauben|Dübel|Papier|Kabel|Lampe|Tisch|Regal|Farbe|Pinsel|Ordner|Stifte|Stuhl|Hammer|Zange|Bohrer|Leim"),
            Split("Müller|Schmidt|Weber|Wagner|Becker|Hoffmann|Koch|Richter|Klein|Wolf|Neumann|Braun|Krüger|Hartmann"),
            Split("Hauptstraße|Gartenweg|Lindenallee|Bahnhofstraße|Schulweg|Marktplatz|Ringstraße|Waldweg"), Split("Hamburg|Leipzig|Köln|Bremen|Kassel|Erfurt|Mainz|Ulm|Kiel"),
            Split("Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"), ','),
        new(
            "en", Split("Invoice|Delivery note|Order confirmation|Reminder|Application|Credit note"),
            Split("Invoice number|Customer number|Date|Delivery date|Order number|Your reference|Contact|Telephone|VAT number|Contract number|Service period|Payment terms|Project|Ship to|Account number|Policy number"),
            Split("Item|Code|Description|Quantity|Unit|Price|Discount|Amount|Weight|Location"),
            Split("Subtotal|VAT|Total due|Net amount|Shipping"),
            Split("Thank you for your order|We delivered the following goods as agreed|Please transfer the amount without deduction|Goods remain our property until paid in full|Please check that the delivery is complete|Complaints must reach us within eight days|Please complete all fields in block letters|I confirm that the information is correct|Our general terms and conditions apply|Please contact us if you have any questions"),
            Split("Directors|Registered in England|Bank details|Sort code|Company number|Registered office|Head office|Facsimile"),
            Split("Screws|Paper|Cable|Lamp|Table|Shelf|Paint|Brush|Folder|Pens|Chair|Hammer|Pliers|Drill|Glue|Tape"),
            Split("Smith|Jones|Taylor|Brown|Wilson|Evans|Walker|Wright|Green|Hall|Clarke|Cooper|Ward|Turner"),
            Split("High Street|Church Road|Mill Lane|Station Road|Park Avenue|Kings Road|Green Lane|West Street"), Split("London|Leeds|Bristol|York|Oxford|Derby|Exeter|Bath|Norwich"),
            Split("January|February|March|April|May|June|July|August|September|October|November|December"), '.'),
        new(
            "fr", Split("Facture|Bon de livraison|Confirmation de commande|Rappel|Demande|Avoir"),
            Split("Numéro de facture|Numéro client|Date|Date de livraison|Commande|Votre référence|Interlocuteur|Téléphone|Numéro TVA|Contrat|Période|Échéance|Projet|Adresse de livraison|Dossier|Compte"),
            Split("Ligne|Référence|Désignation|Quantité|Unité|Prix|Remise|Montant|Poids|Emplacement"),
            Split("Total HT|TVA|Total TTC|Sous-total|Frais de port"),
            Split("Nous vous remercions de votre commande|Nous avons livré les marchandises suivantes|Veuillez régler le montant sans escompte|Les marchandises restent notre propriété jusqu'au paiement complet|Veuillez vérifier la livraison à réception|Les réclamations sont à adresser sous huit jours|Veuillez remplir tous les champs en majuscules|Je certifie l'exactitude des informations|Nos conditions générales s'appliquent|Pour toute question veuillez nous contacter"),
            Split("Directeur|Capital social|Banque|Registre du commerce|Siège social|Tribunal|Télécopie|Code APE"),
            Split("Vis|Papier|Câble|Lampe|Table|Étagère|Peinture|Pinceau|Classeur|Stylos|Chaise|Marteau|Pince|Perceuse|Colle|Ruban"),
            Split("Martin|Bernard|Dubois|Thomas|Robert|Richard|Petit|Durand|Leroy|Moreau|Simon|Laurent|Lefebvre|Michel"),
            Split("rue Victor Hugo|avenue de la Gare|place du Marché|rue des Écoles|boulevard Voltaire|rue Pasteur|chemin Vert|quai Nord"), Split("Paris|Lyon|Nantes|Lille|Rennes|Dijon|Nice|Tours|Metz"),
            Split("janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"), ','),
    ];

    private static string[] Split(string words) => words.Split(Bar);
}
