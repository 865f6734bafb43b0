extension FixedWords {
  /// The words in French: a key and what is said, a line each.
  static let french = """
    document.contents Table des matières
    document.skip Aller au texte
    document.report Rapport sur les résultats
    document.about À propos de ce document
    document.classification Diffusion
    document.version Version des règles
    document.replaced Remplace le contenu dont l’empreinte est
    annex Annexe
    part.A Mandat et contexte
    part.B Les dialogues
    part.C Résultats et constatations par thème
    part.D Recommandations
    part.E Consultations
    annex.1 Partenaires
    annex.2 Sources
    annex.3 Lacunes et éléments non divulgués
    annex.4 Documents sur lesquels repose le rapport
    part.PART_A Partie A
    part.PART_B Partie B
    part.PART_C Partie C
    part.PART_D Partie D
    part.PART_E Partie E
    part.ANNEXES Annexes
    label.series Série
    label.launched Lancement
    label.focus Région
    label.owner Responsable
    label.aims Objectifs
    label.initiative Initiative
    label.adoptedBy Adopté par
    label.adopted Date d’adoption
    label.address Consultable à l’adresse
    label.paragraph Paragraphe
    label.verb Verbe du dispositif
    label.advisee À conseiller
    label.groups À consulter
    label.date Dates
    label.place Lieu
    label.venue Locaux
    label.format Format
    label.participants Participants
    label.panel Table ronde
    label.moderator Modération
    label.panellists Intervenants
    label.interventions Interventions
    label.group Groupe de travail
    label.chair Présidence
    label.rapporteur Rapport
    label.members Membres
    label.contributor Contribution de
    label.recommendation Recommandation
    label.state État
    label.addressee Destinataire
    label.directive Au titre de
    label.priority Priorité
    label.due Échéance
    label.response Réponse
    label.grounds Fondée sur
    label.followUps Suivi
    label.successor Remplacée par
    label.stakeholders Groupe de parties prenantes
    label.elsewhere En dehors de ces dialogues
    label.organization Organisation
    label.role Rôle
    label.subject Dans
    label.period Période
    label.contribution Contribution
    label.record Enregistrement
    label.digest SHA-256
    label.contentDigest Empreinte du contenu
    label.revision Révision du registre
    label.treeHead Tête de l’arbre d’audit
    label.missing Lacunes
    label.withheld Éléments non divulgués
    text.chathamHouse Tenu selon la règle de Chatham House : aucun participant n’est nommé.
    text.fewerThan moins de %
    text.redacted Nom supprimé le %
    text.redactedUndated Nom supprimé
    text.machine traduction automatique
    text.more et % de plus
    text.nothingFound Rien n’est consigné sur ce thème.
    text.noPanels Aucune table ronde n’est consignée.
    text.noSummary Aucun résumé n’est consigné.
    text.noResults Aucun résultat n’est consigné.
    text.none Néant.
    text.notConsulted non consulté
    text.otherThemes Sans thème
    text.waived dispense : %
    text.since depuis %
    text.until jusqu’à %
    figure.timeline Les dialogues dans le temps
    figure.timeline.about Les dialogues du premier au dernier. Les dates et lieux figurent dans le texte ci-dessous.
    figure.partners Partenaires par rôle
    figure.partners.about Des lignes relient les organisations à leurs rôles. Le tableau ci-dessous dit la même chose.
    format.WORKSHOP atelier
    format.CONFERENCE conférence
    format.PANEL table ronde
    format.OPEN_BRIEFING réunion d’information publique
    modality.IN_PERSON en présentiel
    modality.ONLINE en ligne
    modality.HYBRID hybride
    role.LAUNCHER Initiateur
    role.ORGANIZER Organisateur
    role.CO_ORGANIZER Coorganisateur
    role.HOST Hôte
    role.COOPERATING En coopération avec
    role.SUPPORTER Avec l’appui de
    role.ADDITIONAL_SUPPORTER Avec l’appui complémentaire de
    role.FUNDER Bailleur de fonds
    role.KNOWLEDGE_PARTNER Partenaire de savoir
    finding.EXPERIENCE Expérience
    finding.CHALLENGE Difficultés
    finding.GOOD_PRACTICE Bonnes pratiques
    finding.CONCLUSION Conclusions
    advice.DRAFT projet
    advice.SUBMITTED soumise
    advice.ACCEPTED acceptée
    advice.PARTIALLY_ACCEPTED partiellement acceptée
    advice.REJECTED rejetée
    advice.IMPLEMENTING en cours d’application
    advice.IMPLEMENTED appliquée
    advice.WITHDRAWN retirée
    advice.SUPERSEDED remplacée
    priority.LOW faible
    priority.MEDIUM moyenne
    priority.HIGH élevée
    stakeholders.MEMBER_STATES États Membres
    stakeholders.INTERNATIONAL_ORGANIZATIONS Organisations internationales
    stakeholders.REGIONAL_ORGANIZATIONS Organisations régionales
    stakeholders.SUBREGIONAL_ORGANIZATIONS Organisations sous-régionales
    stakeholders.PRIVATE_SECTOR Secteur privé
    stakeholders.CIVIL_SOCIETY Société civile
    verb.NOTES note
    verb.CALLS_UPON engage
    verb.ENCOURAGES encourage
    verb.REQUESTS prie
    verb.DIRECTS charge
    verb.DECIDES décide
    intervention.ADDRESS Allocution
    intervention.STATEMENT Déclaration
    intervention.PRESENTATION Exposé
    gap.GROUP_WITHOUT_RESULTS Un groupe de travail est sans résultats
    gap.PANEL_WITHOUT_SUMMARY Une table ronde est sans résumé
    gap.DIALOGUE_WITHOUT_PANELS Aucune table ronde n’est consignée
    gap.THEME_WITHOUT_FINDINGS Un thème est sans constatations
    gap.DIALOGUE_NOT_CONCLUDED Un dialogue n’est pas terminé
    report.DRAFT projet
    report.COMPILED compilé, pas encore examiné
    report.IN_REVIEW en cours d’examen
    report.APPROVED approuvé
    report.PUBLISHED publié
    report.SUPERSEDED remplacé
    report.DELETED supprimé
    """
}
